import type { RecordScanner } from './record.js';

/**
 * Tells of each record of a scan whether its bytes hold one of some texts, without reading the record.
 *
 * The texts are looked for over the scanner's whole buffer at once, and each place found is remembered until the scan has passed
 * it: records that hold none cost next to nothing. Asked record by record, in the order of the scan.
 */
export class TextFinder {
  private readonly texts: readonly Buffer[];
  /** Next place of each text in the buffer at or after the record at hand; Infinity: none in what the buffer holds. */
  private readonly places: number[];
  private lastStart = Infinity;

  /** @param texts as they stand in the JSON of a record: `"account_id":"c1"`. */
  constructor(texts: readonly string[]) {
    this.texts = texts.map((text) => Buffer.from(text));
    this.places = texts.map(() => -1);
  }

  isIn({ buffer, payloadStart, payloadEnd }: Pick<RecordScanner, 'buffer' | 'payloadStart' | 'payloadEnd'>): boolean {
    // The scan moves forward through the buffer until that is filled anew.
    if (payloadStart <= this.lastStart) this.places.fill(-1);
    this.lastStart = payloadStart;
    let isFound = false;
    for (let i = 0; i < this.texts.length; i += 1) {
      let place = this.places[i] ?? -1;
      if (place < payloadStart) {
        const found = buffer.indexOf(this.texts[i] ?? '', payloadStart);
        place = found < 0 ? Infinity : found;
        this.places[i] = place;
      }
      if (place + (this.texts[i]?.length ?? 0) <= payloadEnd) isFound = true;
    }
    return isFound;
  }
}
