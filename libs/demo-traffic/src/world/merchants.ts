import { createRandom, type Random } from '../random.js';
import { farPlaces, homePlaces, type Place } from './places.js';

/** A shop, on the street or online. */
export interface Merchant {
  readonly id: string;
  readonly mcc: string;
  readonly place: Place;
  readonly isOnline: boolean;
  /** Amounts here against a customer's usual amount. */
  readonly factor: number;
  /** Terminal's place; absent online. Within a few kilometres of the city centre. */
  readonly location?: { readonly lat: number; readonly lon: number };
}

interface Trade { readonly mcc: string; readonly factor: number; readonly weight: number }

const shopTrades: readonly Trade[] = [
  { mcc: '5411', factor: 1, weight: 30 }, { mcc: '5812', factor: 1.1, weight: 18 }, { mcc: '5814', factor: 0.35, weight: 16 },
  { mcc: '5541', factor: 1.9, weight: 10 }, { mcc: '5912', factor: 0.6, weight: 8 }, { mcc: '7523', factor: 0.09, weight: 6 },
  { mcc: '5651', factor: 1.8, weight: 8 }, { mcc: '5732', factor: 3.2, weight: 4 },
];
const onlineTrades: readonly Trade[] = [
  { mcc: '5942', factor: 0.7, weight: 20 }, { mcc: '5651', factor: 1.7, weight: 25 }, { mcc: '5732', factor: 3, weight: 12 },
  { mcc: '5815', factor: 0.4, weight: 25 }, { mcc: '4722', factor: 6, weight: 5 }, { mcc: '5999', factor: 1, weight: 20 },
];

function tradeFor(random: Random, trades: readonly Trade[]): Trade {
  let left = random.unit() * trades.reduce((sum, trade) => sum + trade.weight, 0);
  for (const trade of trades) {
    left -= trade.weight;
    if (left < 0) return trade;
  }
  return random.pick(trades);
}

/** Shops of one street or of the web, the popular first. */
interface Market { readonly merchants: readonly Merchant[]; choose(random: Random): Merchant; quiet(random: Random): Merchant }

/** Popularity by Zipf's law with exponent 0.9: rank k is chosen in proportion to k^-0.9. */
function createMarket(merchants: readonly Merchant[]): Market {
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= merchants.length; rank++) cumulative.push((total += rank ** -0.9));
  const at = (index: number): Merchant => {
    const merchant = merchants[Math.min(index, merchants.length - 1)];
    if (merchant === undefined) throw new RangeError('a market without merchants');
    return merchant;
  };
  return {
    merchants,
    choose: (random) => {
      const target = random.unit() * total;
      let low = 0, high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulative[middle] ?? Infinity) <= target) low = middle + 1;
        else high = middle;
      }
      return at(low);
    },
    // The less visited half: where fraud hides best and a burst shows.
    quiet: (random) => at(random.int(merchants.length >> 1, merchants.length - 1)),
  };
}

/** All shops: those online, and those of a place. */
export interface Merchants { readonly online: Market; at(place: Place): Market }

/** All merchants of one seed: 30 shops a home city, 8 in each far one, 160 online. About a thousandth of the memory of the traffic. */
export function createMerchants(seed: string): Merchants {
  const random = createRandom(`${seed}/merchants`);
  let number = 1000;
  const shop = (place: Place, isOnline: boolean): Merchant => {
    const trade = tradeFor(random, isOnline ? onlineTrades : shopTrades);
    const merchant = { id: `M${String(number++)}`, mcc: trade.mcc, place, isOnline, factor: trade.factor * random.between(0.8, 1.25) };
    if (isOnline) return merchant;
    const location = { lat: degrees(place.lat + random.between(-0.06, 0.06)), lon: degrees(place.lon + random.between(-0.09, 0.09)) };
    return { ...merchant, location };
  };
  const byCity = new Map<string, Market>();
  for (const place of homePlaces) byCity.set(place.city, createMarket(Array.from({ length: 30 }, () => shop(place, false))));
  for (const place of farPlaces) byCity.set(place.city, createMarket(Array.from({ length: 8 }, () => shop(place, false))));
  const online = createMarket(Array.from({ length: 160 }, () => shop(random.pick(homePlaces), true)));
  return { online, at: (place) => byCity.get(place.city) ?? online };
}

function degrees(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
