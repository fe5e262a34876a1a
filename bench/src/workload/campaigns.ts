import type { Random } from './random.js';
import { devicesOf } from './traffic-shape.js';
import type { Draw } from './traffic-shape.js';

/** The world that campaigns are drawn from; `atOnce`: how many are under way. */
export interface CampaignWorld { readonly cards: number; readonly merchants: number; readonly payees: number; readonly atOnce: number }

/** A fraud under way: takes its next event as drawn from honest traffic and makes it its own. */
interface Campaign { left: number; taken: number; readonly shape: (draw: Draw, step: number) => void }

const campaignLength = 60;

/** The frauds under way: an ended one is followed by the next kind in turn, so that every rule of the pack has something to find. */
export class CampaignTable {
  private readonly running: Campaign[] = [];
  private begun = 0;

  constructor(private readonly world: CampaignWorld, private readonly random: Random) {
    while (this.running.length < world.atOnce) {
      const campaign = this.begin();
      campaign.taken = random.below(campaign.left); // as if some had begun before
      campaign.left -= campaign.taken;
      this.running.push(campaign);
    }
  }

  /** The draw becomes the next event of one of the frauds. */
  apply(draw: Draw): void {
    const { running, random } = this;
    const at = random.below(running.length);
    const campaign = running[at] as Campaign; // below the length
    campaign.shape(draw, campaign.taken++);
    if (--campaign.left <= 0) running[at] = this.begin();
  }

  private begin(): Campaign {
    const { random, world: { cards, merchants, payees } } = this;
    const card = random.below(cards);
    const account = card >> 1;
    const left = campaignLength;
    const onCard = (draw: Draw): void => { draw.card = card; draw.account = account; };
    const anyCard = (draw: Draw): void => { draw.card = random.below(cards); draw.account = draw.card >> 1; };
    switch (this.begun++ % 8) {
      // A stolen card is emptied at many merchants.
      case 0: return { left, taken: 0, shape: (draw) => { onCard(draw); draw.cents = 15_000 + random.below(20_000); draw.merchant = random.below(merchants); } };
      // One device pays with many cards.
      case 1: {
        const device = devicesOf(cards) + random.below(Math.ceil(cards / 100));
        return { left, taken: 0, shape: (draw) => { anyCard(draw); draw.device = device; draw.cents = 3_000 + random.below(30_000); } };
      }
      // One address tries many cards.
      case 2: {
        const ip = 2 * cards + random.below(Math.ceil(cards / 100));
        return { left, taken: 0, shape: (draw) => { anyCard(draw); draw.ip = ip; draw.declined = random.next() < 0.7; } };
      }
      // A merchant's terminal is used to test cards.
      case 3: {
        const merchant = random.below(merchants);
        return { left: 150, taken: 0, shape: (draw) => { draw.merchant = merchant; draw.declined = random.next() < 0.8; draw.cents = 150 + random.below(400); } };
      }
      // A card number is tried from many devices.
      case 4: return { left, taken: 0, shape: (draw) => { onCard(draw); draw.declined = true; draw.device = random.below(devicesOf(cards)); draw.cents = 150 + random.below(100); } };
      // Small payments abroad, then a large one.
      case 5: return { left, taken: 0, shape: (draw) => { onCard(draw); draw.foreign = true; draw.cents = random.next() < 0.95 ? 800 + random.below(300) : 92_000 + random.below(9_000); } };
      // Refused until a large payment goes through.
      case 6: return { left, taken: 0, shape: (draw, step) => { onCard(draw); draw.declined = step % 12 !== 11; draw.cents = draw.declined ? 4_000 + random.below(9_000) : 45_000 + random.below(20_000); } };
      // An account is probed with next to nothing, then emptied by transfers.
      default: {
        const payee = random.below(payees);
        return { left, taken: 0, shape: (draw, step) => { onCard(draw); if (step % 12 === 11) { draw.stage = 'sent'; draw.payee = payee; draw.cents = 320_000 + random.below(90_000); } else draw.cents = step % 6 === 0 ? 50 + random.below(50) : 400 + random.below(500); } };
      }
    }
  }
}
