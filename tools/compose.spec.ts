import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
// The 2020-12 build of ajv: the schema's own dialect.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const root = new URL('../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const yaml = (path: string): unknown => parse(text(path), { merge: true });
const exists = (path: string): boolean => existsSync(fileURLToPath(new URL(path, root)));

interface Service {
  readonly image: string; readonly restart?: string; readonly ports?: readonly string[]; readonly volumes?: readonly string[]; readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>; readonly secrets?: readonly string[]; readonly command?: readonly string[];
}
interface Compose { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>>; readonly secrets: Readonly<Record<string, unknown>> }

// The schema test below checks the shape; the rest reads what it then knows to be there.
const compose = yaml('docker-compose.yml') as Compose;
const services = Object.entries(compose.services);
const schema = JSON.parse(text('tools/compose-schema/compose-spec.json')) as object;
const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification', () => {
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('would not pass with a misspelt key: the schema does check', () => {
    expect(validate({ services: { a: { image: 'a:1', helthcheck: {} } } })).toBe(false);
  });

  it('holds the stores, the three services, the standalone product and the watchers', () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(['kafka', 'postgres', 'redis', 'ingester', 'engine', 'api', 'weir', 'prometheus', 'grafana']));
  });

  it.each(services)('%s has a pinned image, ports on loopback only, and a health check unless it ends by itself', (name, service) => {
    const tag = service.image.replace(/\$\{[^}]*:-([^}]*)\}/, '$1').split(':')[1];
    expect(tag).toMatch(/^v?\d+\.\d+/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    if (name !== 'kafka-topics') expect(service.healthcheck).toBeDefined();
  });

  it.each(services)('%s mounts only files and volumes that exist, and waits only for services that can become ready', (_name, service) => {
    for (const mount of service.volumes ?? []) {
      const [source = ''] = mount.split(':');
      if (source.startsWith('./')) expect({ source, exists: exists(source) }).toEqual({ source, exists: true });
      // The host's root, read-only, is for the node exporter alone.
      else if (source === '/') expect(mount).toMatch(/^\/:\/host:ro/);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(Object.keys(compose.services)).toContain(other);
      if (condition === 'service_healthy') expect(compose.services[other]?.healthcheck).toBeDefined();
    }
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
  });

  it('binds no port twice', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []).map((port) => port.split(':')[1]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('takes from the environment only what .env.example names', () => {
    const named = new Set(text('.env.example').split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []));
    const used = new Set([...text('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? ''));
    used.add('WEIR_METRICS_KEY');
    expect([...used].filter((name) => !named.has(name))).toEqual([]);
  });

  it('names no password: each comes from the environment and is required', () => {
    for (const line of text('docker-compose.yml').split('\n').filter((each) => /PASSWORD|REDISCLI_AUTH|requirepass/.test(each) && !each.trim().startsWith('#'))) {
      expect(line).toMatch(/\$\{WEIR_[A-Z]+_PASSWORD:[?-]/);
    }
  });
});

describe('.env.example', () => {
  it('names every setting of the standalone product, or it would not be found', () => {
    const settings = [...text('apps/standalone/src/config.ts').matchAll(/^ {2}(WEIR_[A-Z_]+|DATABASE_URL):/gm)].map((match) => match[1] ?? '');
    expect(settings.length).toBeGreaterThan(15);
    const named = new Set(text('.env.example').split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []));
    // Flags of a person at a terminal, not of a deployment.
    expect(settings.filter((name) => !named.has(name) && !['WEIR_OPEN', 'WEIR_DASHBOARD'].includes(name))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  it('builds from the lock on the Node version of the product and does not run as root', () => {
    const dockerfile = text('Dockerfile');
    expect(dockerfile.match(/^FROM .*/gm)).toEqual(['FROM node:20-slim AS build', 'FROM node:20-slim AS runtime']);
    expect(dockerfile).toContain('npm ci --ignore-scripts');
    expect(dockerfile.match(/^USER .*/gm)).toEqual(['USER node']);
  });
});

interface AlertRule { readonly alert: string; readonly expr: string; readonly for: string; readonly labels: { readonly severity: string }; readonly annotations: { readonly summary: string; readonly action: string } }
interface Dashboard { readonly panels: readonly { readonly title: string; readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[] }

describe('what is watched', () => {
  const known = yaml('deploy/prometheus/metric-names.yml') as Readonly<Record<string, { readonly type: string; readonly labels: readonly string[]; readonly help: string; readonly from?: string }>>;
  const alerts = (yaml('deploy/prometheus/alerts.yml') as { readonly groups: readonly { readonly rules: readonly AlertRule[] }[] }).groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(text('deploy/grafana/dashboards/weir.json')) as Dashboard;

  /** Names in an expression that are not metrics, or a metric's label that it does not have. */
  function strangers(expression: string): readonly string[] {
    const found: string[] = [];
    for (const [, name = '', braces = ''] of expression.matchAll(/((?:weir|node)_[a-z0-9_]+)(\{[^}]*\})?/g)) {
      const metric = known[name] ?? known[name.replace(/_(bucket|sum|count)$/, '')];
      if (metric === undefined) found.push(name);
      for (const [, label = ''] of braces.matchAll(/([a-z_]+)\s*(?:!=|=~|!~|=)/g)) if (metric !== undefined && !metric.labels.includes(label)) found.push(`${name}{${label}}`);
    }
    return found;
  }

  it.each(alerts.map((rule) => [rule.alert, rule] as const))('%s uses known metrics and says what to do', (_name, rule) => {
    expect(strangers(rule.expr)).toEqual([]);
    expect(rule.expr).toMatch(/weir_|node_|up\{job="weir"\}/);
    expect(['page', 'ticket']).toContain(rule.labels.severity);
    expect(rule.annotations.action.length).toBeGreaterThan(20);
  });

  it('alerts on lag, checkpoints, the watermark, dead letters and the disk', () => {
    expect(alerts.map((rule) => rule.alert)).toEqual(expect.arrayContaining(['WeirEngineLag', 'WeirCheckpointsFail', 'WeirWatermarkStalled', 'WeirDeadLettersRise', 'WeirDiskFills']));
    expect(alerts.find((rule) => rule.alert === 'WeirEngineLag')?.for).toBe('10m');
  });

  it('knows only metrics that the server exports', () => {
    const exported = text('libs/server/src/ops/metrics.ts');
    expect(Object.entries(known).filter(([name, { from }]) => from !== 'node' && !exported.includes(name))).toEqual([]);
  });

  it('draws only known metrics on the dashboard, each panel once', () => {
    for (const panel of dashboard.panels) for (const target of panel.targets ?? []) expect({ panel: panel.title, strangers: strangers(target.expr) }).toEqual({ panel: panel.title, strangers: [] });
    expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
    expect(dashboard.panels.filter((panel) => panel.targets !== undefined).length).toBeGreaterThanOrEqual(12);
  });

  it('would notice a name that nobody exports', () => {
    expect(strangers('rate(weir_eventz_total[1m]) + weir_alerts_total{shade="red"}')).toEqual(['weir_eventz_total', 'weir_alerts_total{shade}']);
  });
});
