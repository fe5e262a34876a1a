import { CampaignTable } from './campaigns.js';
import { lineTemplate, writeCents, writeDigits } from './line-template.js';
import type { LineTemplate } from './line-template.js';
import { createRandom, createZipf } from './random.js';
import type { Random } from './random.js';
import { devicesOf, merchantCount } from './traffic-shape.js';
import type { Draw, TrafficShape } from './traffic-shape.js';

/** Whole lines, one after the other; `kept`: those of events that were asked for. */
export interface Chunk { readonly bytes: Uint8Array; readonly kept: Uint8Array; readonly events: number }

/** Is this event of interest? */
export type Keep = (draw: Readonly<Draw>) => boolean;

const countries = ['GB', 'FR', 'DE', 'ES', 'IT', 'NL', 'BE', 'PL'] as const;
const categories = [5411, 5812, 5541, 5999, 4111, 5732] as const;
const channels = ['pos', 'ecom', 'app', 'moto'] as const;
const transferShare = 0.05;
/** What every confirmed transfer waits for, ms of event time. */
const confirmedAfterMs = 8_000;
const longestLine = 360;
const drawTable = 4_096;

const paymentTemplates = channels.flatMap((channel) => [false, true].map((declined) => lineTemplate([
  ['{"id":"pay-', 'id', 10], ['","type":"payment","ts":', 'ts', 13], [',"account_id":"acc-', 'account', 8], ['","card_id":"card-', 'card', 8], ['","device_id":"dev-', 'device', 8],
  ['","ip":"10.', 'ip', 11], ['","merchant_id":"mer-', 'merchant', 8], ['","currency":"EUR","country":"', 'country', 2], ['","card_country":"', 'cardCountry', 2], ['","mcc":"', 'mcc', 4],
], `","channel":"${channel}","card_present":${channel === 'pos'},"declined":${declined},"amount":`)));
const transferTemplates = (['sent', 'confirmed'] as const).map((stage) => lineTemplate([
  ['{"id":"trf-', 'id', 10], ['","type":"transfer","ts":', 'ts', 13], [',"account_id":"acc-', 'account', 8], ['","payee_id":"pye-', 'payee', 8], ['","device_id":"dev-', 'device', 8],
  ['","ip":"10.', 'ip', 11], ['","currency":"EUR","country":"', 'country', 2], ['","payee_country":"', 'payeeCountry', 2], ['","payee_bank":"BANK', 'bank', 4],
], `","channel":"app","stage":"${stage}","instant":true,"purpose":"invoice","amount":`));

/**
 * Draws payments and transfers as NDJSON lines of 16 fields, about 320 bytes, in order of time: honest traffic with campaigns of fraud
 * among it (`campaigns.ts`). Lines are templates of bytes whose digits are overwritten: a line costs well below a microsecond.
 */
export class Traffic {
  private readonly random: Random;
  private readonly drawCard: () => number;
  private readonly drawMerchant: () => number;
  private readonly campaigns: CampaignTable;
  private readonly draw: Draw = { card: 0, account: 0, device: 0, ip: 0, merchant: 0, cents: 0, declined: false, foreign: false, stage: '', payee: 0 };
  private readonly honestCents = new Int32Array(drawTable);
  private readonly gapsMs = new Float64Array(drawTable);
  /** Transfers that will be confirmed, in order of time: when, account, payee, cents; a ring. */
  private readonly toConfirm: Float64Array;
  private readonly accounts: number;
  private readonly payees: number;
  private firstToConfirm = 0;
  private endToConfirm = 0;
  private ts: number;
  private count = 0;

  constructor(private readonly shape: TrafficShape) {
    const { cards, eventsPerSecond, startTs } = shape;
    this.ts = startTs;
    this.random = createRandom(shape.seed);
    this.accounts = Math.ceil(cards / 2);
    this.payees = 4 * this.accounts;
    this.drawCard = createZipf(cards, 0.8, shape.flat, this.random);
    this.drawMerchant = createZipf(merchantCount, 1, merchantCount / 10, this.random);
    this.campaigns = new CampaignTable({ cards, merchants: merchantCount, payees: this.payees, atOnce: Math.max(1, Math.round(eventsPerSecond * shape.fraudShare * 0.6)) }, this.random);
    for (let i = 0; i < drawTable; i++) {
      this.gapsMs[i] = -Math.log(1 - (i + 0.5) / drawTable) * (1000 / eventsPerSecond);
      const spread = this.random.next() + this.random.next() + this.random.next() - 1.5;
      this.honestCents[i] = i % 512 === 0 ? 60 + this.random.below(40) : i % 512 === 1 ? 30_000 + this.random.below(30_000) : Math.max(150, Math.floor(Math.exp(7 + 1.1 * spread)));
    }
    this.toConfirm = new Float64Array(4 * Math.max(64, Math.ceil(eventsPerSecond * 2 * confirmedAfterMs / 1000)));
  }

  /** The next `events` lines. */
  next(events: number, keep?: Keep): Chunk {
    const out = new Uint8Array(events * longestLine);
    const kept = new Uint8Array(keep === undefined ? 0 : out.length);
    let at = 0;
    let keptAt = 0;
    for (let i = 0; i < events; i++) {
      const from = at;
      this.advance();
      at = this.draw.stage === '' ? this.writePayment(out, from) : this.writeTransfer(out, from);
      if (keep?.(this.draw) === true) {
        kept.set(out.subarray(from, at), keptAt);
        keptAt += at - from;
      }
    }
    return { bytes: out.subarray(0, at), kept: kept.subarray(0, keptAt), events };
  }

  /** Passes over the next `events` events without writing them. */
  pass(events: number, visit: (draw: Readonly<Draw>) => void = () => undefined): void {
    for (let i = 0; i < events; i++) {
      this.advance();
      visit(this.draw);
    }
  }

  private advance(): void {
    this.ts += this.gapsMs[this.random.below(drawTable)] ?? 0;
    this.count++;
    this.drawNext();
  }

  private drawNext(): void {
    const { random, draw, toConfirm } = this;
    if (this.firstToConfirm !== this.endToConfirm && (toConfirm[this.firstToConfirm] ?? 0) <= this.ts) {
      this.confirm();
      return;
    }
    this.drawHonest();
    const isFraud = random.next() < this.shape.fraudShare;
    if (isFraud) this.campaigns.apply(draw);
    else if (random.next() < transferShare) this.drawTransfer();
    // One honest transfer in eight is never confirmed.
    if (draw.stage === 'sent' && (isFraud || random.next() >= 1 / 8)) this.willConfirm();
  }

  private drawHonest(): void {
    const { random, draw } = this;
    const card = this.drawCard();
    draw.card = card;
    draw.account = card >> 1;
    draw.device = random.next() < 0.9 ? draw.account : random.below(devicesOf(this.shape.cards));
    draw.ip = random.next() < 0.7 ? card : random.below(2 * this.shape.cards);
    draw.merchant = this.drawMerchant();
    draw.cents = this.honestCents[random.below(drawTable)] ?? 0;
    draw.declined = random.next() < 0.02;
    draw.foreign = random.next() < 0.03;
    if (draw.foreign && random.next() < 1 / 32) draw.cents = 20_000 + random.below(30_000);
    draw.stage = '';
  }

  private drawTransfer(): void {
    const { random, draw } = this;
    draw.stage = 'sent';
    draw.payee = (draw.account * 7 + random.below(6)) % this.payees;
    draw.cents = random.next() < 0.1 ? 250_000 + random.below(250_000) : 2_000 + random.below(80_000);
  }

  private willConfirm(): void {
    const { toConfirm, draw } = this;
    const at = this.endToConfirm;
    const next = (at + 4) % toConfirm.length;
    if (next === this.firstToConfirm) return; // more under way than the ring holds: this one is not confirmed
    toConfirm[at] = this.ts + confirmedAfterMs;
    toConfirm[at + 1] = draw.account;
    toConfirm[at + 2] = draw.payee;
    toConfirm[at + 3] = draw.cents;
    this.endToConfirm = next;
  }

  private confirm(): void {
    const { toConfirm, draw, firstToConfirm: at } = this;
    draw.stage = 'confirmed';
    draw.account = toConfirm[at + 1] ?? 0;
    draw.payee = toConfirm[at + 2] ?? 0;
    draw.cents = toConfirm[at + 3] ?? 0;
    draw.device = draw.account;
    draw.ip = draw.account << 1;
    this.firstToConfirm = (at + 4) % toConfirm.length;
  }

  private writePayment(out: Uint8Array, from: number): number {
    const { draw } = this;
    const template = paymentTemplates[(draw.card & 3) * 2 + (draw.declined ? 1 : 0)] as LineTemplate; // four channels, declined or not
    const { at } = template;
    out.set(template.bytes, from);
    this.writeCommon(out, from, at);
    writeDigits(out, from + (at['card'] ?? 0), 8, draw.card);
    writeDigits(out, from + (at['merchant'] ?? 0), 8, draw.merchant);
    writeDigits(out, from + (at['mcc'] ?? 0), 4, categories[draw.merchant % 6] ?? 0);
    const country = countries[draw.card & 7] ?? 'GB';
    writeCountry(out, from + (at['country'] ?? 0), draw.foreign ? 'US' : country);
    writeCountry(out, from + (at['cardCountry'] ?? 0), country);
    return this.writeEnd(out, from + template.bytes.length);
  }

  private writeTransfer(out: Uint8Array, from: number): number {
    const { draw } = this;
    const template = transferTemplates[draw.stage === 'sent' ? 0 : 1] as LineTemplate; // one for each stage
    const { at } = template;
    out.set(template.bytes, from);
    this.writeCommon(out, from, at);
    writeDigits(out, from + (at['payee'] ?? 0), 8, draw.payee);
    writeDigits(out, from + (at['bank'] ?? 0), 4, draw.payee % 900);
    writeCountry(out, from + (at['country'] ?? 0), countries[draw.account & 7] ?? 'GB');
    writeCountry(out, from + (at['payeeCountry'] ?? 0), countries[draw.payee & 7] ?? 'GB');
    return this.writeEnd(out, from + template.bytes.length);
  }

  private writeCommon(out: Uint8Array, from: number, at: LineTemplate['at']): void {
    const { draw } = this;
    const id = this.count - 1;
    writeDigits(out, from + (at['id'] ?? 0), 2, Math.floor(id / 1e8));
    writeDigits(out, from + (at['id'] ?? 0) + 2, 8, id % 1e8);
    const { startTs, slowdown } = this.shape;
    const ts = startTs + Math.floor((this.ts - startTs) * slowdown);
    const high = Math.floor(ts / 1e8);
    writeDigits(out, from + (at['ts'] ?? 0), 5, high);
    writeDigits(out, from + (at['ts'] ?? 0) + 5, 8, ts - high * 1e8);
    writeDigits(out, from + (at['account'] ?? 0), 8, draw.account);
    writeDigits(out, from + (at['device'] ?? 0), 8, draw.device);
    writeAddress(out, from + (at['ip'] ?? 0), draw.ip);
  }

  private writeEnd(out: Uint8Array, from: number): number {
    const end = writeCents(out, from, this.draw.cents);
    out[end] = 125;
    out[end + 1] = 10;
    return end + 2;
  }
}

function writeCountry(out: Uint8Array, at: number, country: string): void {
  out[at] = country.charCodeAt(0);
  out[at + 1] = country.charCodeAt(1);
}

/** Three bytes of an address, each from 100 to 227, so that every line is as long. */
function writeAddress(out: Uint8Array, at: number, ip: number): void {
  writeDigits(out, at, 3, 100 + ((ip >> 14) & 127));
  out[at + 3] = 46;
  writeDigits(out, at + 4, 3, 100 + ((ip >> 7) & 127));
  out[at + 7] = 46;
  writeDigits(out, at + 8, 3, 100 + (ip & 127));
}
