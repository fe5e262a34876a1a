import type { ReactNode } from 'react';
import { OpsScreen } from './ops-screen';

export default function OpsPage(): ReactNode {
  return <OpsScreen />;
}
