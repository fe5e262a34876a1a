import type { Alert } from '@weir/contracts';

/** Where alerts end: implemented by the case store. */
export interface AlertSink {
  /** Highest seq up to which every alert is stored; 0 when none is. */
  progress(): Promise<number>;
  /**
   * Stores alerts and progress in one transaction and resolves after its commit. Alerts with seq <= the stored progress and alerts
   * whose id is stored already are dropped, so a repeat is harmless. `throughSeq` never falls from call to call.
   * Rejects when the store cannot be reached: nothing of the call is stored, and the caller repeats it.
   */
  write(alerts: readonly Alert[], throughSeq: number): Promise<void>;
}
