import type { ReactNode } from 'react';
import { DeadLetters } from './dead-letters';

export default function DeadLettersPage(): ReactNode {
  return <DeadLetters />;
}
