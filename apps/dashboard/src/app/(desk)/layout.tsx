import type { ReactNode } from 'react';
import { Shell } from '../../shell/shell';

export default function DeskLayout({ children }: { readonly children: ReactNode }): ReactNode {
  return <Shell>{children}</Shell>;
}
