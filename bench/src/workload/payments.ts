import { createRandom, createZipf } from './random.js';
import type { Random } from './random.js';

/** How a stream of card payments is drawn. */
export interface PaymentsShape {
  readonly seed: number;
  readonly cards: number;
  /** Skew of the cards' activity. */
  readonly skew: number;
  /** Events per second of event time. */
  readonly eventsPerSecond: number;
  /** Share of events that belong to a fraud under way. */
  readonly fraudShare: number;
  /** Event time of the beginning, epoch ms. */
  readonly startTs: number;
}

export const usualShape: PaymentsShape = { seed: 20_260_105, cards: 100_000, skew: 0.8, eventsPerSecond: 400, fraudShare: 0.01, startTs: Date.UTC(2026, 0, 5) };

const merchants = 5_000;
const campaignLength = 60;
const countries = ['GB', 'FR', 'DE', 'ES', 'IT', 'NL', 'BE', 'PL', 'US', 'IE'] as const;
const categories = ['5411', '5812', '5541', '5999', '4111', '5732'] as const;
const channels = ['pos', 'ecom', 'app', 'moto'] as const;

interface Payment { card: number; account: number; device: number; ip: number; merchant: number; cents: number; declined: boolean; foreign: boolean }

/** A fraud under way: what it fixes of the payments that belong to it. */
interface Campaign { left: number; readonly fixed: Partial<Payment>; readonly vary: (random: Random) => Partial<Payment> }

/**
 * Draws payments as NDJSON lines of 16 fields, about 320 bytes: honest traffic with campaigns of card testing, farms of devices,
 * shared addresses, merchant bursts and sudden large amounts among it, so that every rule of the pack fires.
 */
export class PaymentStream {
  private readonly random: Random;
  private readonly card: () => number;
  private readonly merchant: () => number;
  private readonly campaigns: Campaign[] = [];
  private ts: number;
  private count = 0;
  private campaignsBegun = 0;

  constructor(private readonly shape: PaymentsShape) {
    this.ts = shape.startTs;
    this.random = createRandom(shape.seed);
    this.card = createZipf(shape.cards, shape.skew, shape.cards / 5, this.random);
    this.merchant = createZipf(merchants, 1, merchants / 10, this.random);
  }

  /** The next `events` lines as bytes. */
  lines(events: number): Uint8Array {
    const parts: string[] = [];
    for (let i = 0; i < events; i++) parts.push(this.line());
    return new TextEncoder().encode(parts.join(''));
  }

  private line(): string {
    const { random } = this;
    this.ts += -Math.log(1 - random.next()) * (1000 / this.shape.eventsPerSecond);
    const payment = random.next() < this.shape.fraudShare ? this.fraud() : this.honest();
    const id = (this.count++).toString().padStart(10, '0');
    const country = countries[payment.card % 8] ?? 'GB';
    const seenIn = payment.foreign ? 'US' : country;
    return `{"id":"pay-${id}","type":"payment","ts":${Math.floor(this.ts)},"account_id":"acc-${pad(payment.account)}","card_id":"card-${pad(payment.card)}","device_id":"dev-${pad(payment.device)}",`
      + `"ip":"${address(payment.ip)}","merchant_id":"mer-${pad(payment.merchant)}","amount":${(payment.cents / 100).toFixed(2)},"currency":"EUR","country":"${seenIn}","card_country":"${country}",`
      + `"mcc":"${categories[payment.merchant % 6] ?? ''}","channel":"${channels[payment.card % 4] ?? ''}","card_present":${payment.card % 4 === 0},"declined":${payment.declined}}\n`;
  }

  private honest(): Payment {
    const { random } = this;
    const card = this.card();
    const account = card >> 1;
    const cents = Math.max(100, Math.floor(Math.exp(7 + 1.1 * (random.next() + random.next() + random.next() - 1.5))));
    return { card, account, device: random.next() < 0.9 ? account : random.below(80_000), ip: random.next() < 0.7 ? card : random.below(200_000), merchant: this.merchant(), cents, declined: random.next() < 0.05, foreign: random.next() < 0.03 };
  }

  private fraud(): Payment {
    const { random, campaigns } = this;
    if (campaigns.length < 3) campaigns.push(this.newCampaign());
    const at = random.below(campaigns.length);
    const campaign = campaigns[at] as Campaign; // below the length
    if (--campaign.left <= 0) campaigns.splice(at, 1);
    return { ...this.honest(), ...campaign.fixed, ...campaign.vary(random) };
  }

  private newCampaign(): Campaign {
    const { random } = this;
    const card = random.below(this.shape.cards);
    const fixedCard = { card, account: card >> 1 };
    const left = campaignLength;
    switch (this.campaignsBegun++ % 6) {
      case 0: return { left, fixed: fixedCard, vary: (r) => ({ cents: 15_000 + r.below(20_000), merchant: r.below(merchants) }) };
      case 1: return { left, fixed: { device: 80_000 + random.below(1_000) }, vary: (r) => ({ card: r.below(this.shape.cards), cents: 3_000 + r.below(30_000) }) };
      case 2: return { left, fixed: { ip: 200_000 + random.below(1_000) }, vary: (r) => ({ card: r.below(this.shape.cards), declined: r.next() < 0.7 }) };
      case 3: return { left, fixed: { merchant: random.below(merchants) }, vary: (r) => ({ declined: r.next() < 0.8, cents: 100 + r.below(400) }) };
      case 4: return { left, fixed: { ...fixedCard, declined: true }, vary: (r) => ({ device: r.below(80_000), cents: 100 + r.below(100) }) };
      default: return { left, fixed: { ...fixedCard, foreign: true }, vary: (r) => ({ cents: r.next() < 0.95 ? 800 + r.below(300) : 92_000 + r.below(9_000) }) };
    }
  }
}

function pad(value: number): string { return value.toString().padStart(8, '0'); }
function address(value: number): string { return `10.${(value >> 16) & 255}.${(value >> 8) & 255}.${value & 255}`; }
