import { writeFileSync } from 'node:fs';
import { interpreter } from './contenders.js';
import { benchDefinition } from './workload/definition.js';
import { watchedMerchants } from './workload/rule-pack.js';
import { Traffic } from './workload/traffic.js';
import { trafficOfSize } from './workload/traffic-shape.js';

/**
 * `node bench/dist/src/write-events.js FILE [events] [size] [fraudShare]`: the workload as FILE, what the oracle finds in it, from empty
 * windows, as FILE.alerts (`event id, rule id` a line, sorted) and the list as FILE.watched. For writing and checking a rival by hand.
 */
const [file, events = '20000', size = '0.01', fraudShare = '0.05'] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: write-events.js FILE [events] [size] [fraudShare]');
const shape = { ...trafficOfSize(Number(size)), fraudShare: Number(fraudShare) };
const { bytes } = new Traffic(shape).next(Number(events));
const alerts = [...interpreter(benchDefinition(), shape).feed(bytes)].sort();
writeFileSync(file, bytes);
writeFileSync(`${file}.alerts`, `${alerts.join('\n')}\n`);
writeFileSync(`${file}.watched`, `${watchedMerchants().join('\n')}\n`);
process.stderr.write(`${events} events, ${alerts.length} alerts\n`);
