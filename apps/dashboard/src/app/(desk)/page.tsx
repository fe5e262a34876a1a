import type { ReactNode } from 'react';
import { OverviewScreen } from './overview-screen';

export default function OverviewPage(): ReactNode {
  return <OverviewScreen />;
}
