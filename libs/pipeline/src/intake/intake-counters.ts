import type { IngestAnswer, RejectCode } from '@weir/contracts';

/** Totals since start. */
export interface IntakeCounters {
  readonly accepted: number;
  readonly late: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly rejectedByCode: Readonly<Partial<Record<RejectCode, number>>>;
  /** Late events of a type marked `late: restamp`; they are among the accepted. */
  readonly restamped: number;
  /** Fields that the schema does not declare, over all events taken. */
  readonly unknownFields: number;
  readonly bytes: number;
}

export class IntakeTally {
  private accepted = 0;
  private late = 0;
  private duplicate = 0;
  private rejected = 0;
  private readonly byCode = new Map<RejectCode, number>();
  restamped = 0;
  unknownFields = 0;
  bytes = 0;

  count(answer: IngestAnswer): void {
    this[answer.status] += 1;
    if (answer.status === 'rejected') this.byCode.set(answer.code, (this.byCode.get(answer.code) ?? 0) + 1);
  }

  counters(): IntakeCounters {
    const { accepted, late, duplicate, rejected, restamped, unknownFields, bytes } = this;
    return { accepted, late, duplicate, rejected, rejectedByCode: Object.fromEntries(this.byCode), restamped, unknownFields, bytes };
  }
}
