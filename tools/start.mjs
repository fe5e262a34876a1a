// `npm start`: from a fresh clone to a running Weir. Installs and builds what is missing, then becomes the one process.
import { createServer } from 'node:net';
import { buildDashboard, buildProduct, fail, install, isDashboardBuilt, refuseOldNode, refuseUnusableFolder, Refusal } from './workspace.mjs';

const help = `Weir: real-time fraud and risk monitoring, standalone.

  npm start -- [options]

  --port N         port of API, feed and dashboard (default 8080, or WEIR_PORT)
  --host ADDRESS   address to listen on (default 127.0.0.1, or WEIR_HOST)
  --data FOLDER    where everything is kept (default .weir/data, or WEIR_DATA)
  --no-demo        no demo traffic and no demo users
  --open           open the browser at the login link
  --help           this text

Ctrl-C ends everything. The next start goes on with the same data.
`;

const args = process.argv.slice(2);

function option(name, fallback) {
  const at = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (at < 0) return fallback;
  const arg = args[at];
  const value = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : args[at + 1];
  if (value === undefined || value === '' || value.startsWith('--')) throw new Refusal(`--${name} needs a value. npm start -- --help lists the options.`);
  return value;
}

function refuseUnknownOptions() {
  const withValue = ['--port', '--host', '--data'];
  for (let i = 0; i < args.length; i += 1) {
    const [name = ''] = args[i].split('=');
    if (withValue.includes(name)) { if (!args[i].includes('=')) i += 1; continue; }
    if (['--no-demo', '--open', '--help', '-h'].includes(name)) continue;
    throw new Refusal(`Unknown option ${args[i]}. npm start -- --help lists the options.`);
  }
}

/** Asked before the minutes of an install, not after. */
function refuseBusyPort(port, host) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new Refusal(
      error.code === 'EADDRINUSE' ? `Port ${port} is in use by another program. Stop it, or choose another: npm start -- --port ${port + 1}`
        : error.code === 'EACCES' ? `Port ${port} needs more rights than you have. Choose one above 1023: npm start -- --port 8080`
          : `Cannot listen on ${host}:${port}: ${error.message}`)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

try {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  refuseOldNode();
  refuseUnknownOptions();
  const portText = option('port', process.env.WEIR_PORT ?? '8080');
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Refusal(`--port ${portText} is not a port number (0 to 65535).`);
  refuseUnusableFolder();
  await refuseBusyPort(port, option('host', process.env.WEIR_HOST ?? '127.0.0.1'));
  await install();
  await buildProduct();
  // The engine starts now; the dashboard's pages follow while it already evaluates, with one page that says so.
  let dashboardBuild;
  const stopBuild = () => dashboardBuild?.kill('SIGTERM');
  process.once('exit', stopBuild);
  const pages = isDashboardBuilt() ? Promise.resolve() : buildDashboard({ onSpawn: (child) => { dashboardBuild = child; for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stopBuild); } })
    .catch((error) => console.error(`${error.message}\nThe API and the engine run on; the dashboard does not. Run npm run build to try again.`));
  await import('../apps/standalone/dist/main.js');
  await pages;
} catch (error) {
  fail(error);
}
