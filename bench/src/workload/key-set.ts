import { Traffic } from './traffic.js';
import type { Keep } from './traffic.js';
import type { TrafficShape } from './traffic-shape.js';

/**
 * Which events matter to those from `first` on, `count` of them: payments that share a key with one of them, and all transfers, for one of
 * long before may be due. Windows and sequences are kept by key, so what is found in these events is the same when all others are left
 * out. A merchant's windows count declined payments only.
 */
export function eventsThatMatter(shape: TrafficShape, first: number, count: number): Keep {
  const traffic = new Traffic(shape);
  traffic.pass(first);
  const [cards, accounts, devices, ips, merchants] = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  traffic.pass(count, (draw) => {
    accounts.add(draw.account);
    if (draw.stage !== '') return;
    cards.add(draw.card);
    devices.add(draw.device);
    ips.add(draw.ip);
    merchants.add(draw.merchant);
  });
  return ({ stage, account, card, device, ip, declined, merchant }) => stage !== ''
    || accounts.has(account) || cards.has(card) || devices.has(device) || ips.has(ip) || declined && merchants.has(merchant);
}
