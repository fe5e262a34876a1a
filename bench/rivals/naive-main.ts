import { createNaiveService } from './naive.js';
import { forEachLine, serveRival } from './rival-process.js';

let alerts: string[] = [];
const watched = new Set(process.argv.slice(2));
const service = createNaiveService((event, rule) => { alerts.push(`${event} ${rule}`); }, watched);
await serveRival({
  fill: (lines) => { forEachLine(lines, (line) => { service.remember(line); }); alerts = []; },
  feed: (lines) => { forEachLine(lines, (line) => { service.apply(line); }); const found = alerts; alerts = []; return found; },
});
