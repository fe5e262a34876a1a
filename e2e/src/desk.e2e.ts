import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertDetail, AlertPage } from '@weir/contracts';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './support/browser.js';
import { until } from './support/weir-api.js';
import { cleanUp, newDataFolder, startWeir, type WeirProcess } from './support/weir-process.js';

// Asked before the tests are declared, so that a machine without a browser skips them by name.
const browser: Browser | undefined = await openBrowser();
let weir: WeirProcess;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  if (!browser) return;
  weir = await startWeir({ dataDir: await newDataFolder(), demo: true, environment: { WEIR_DEMO_RATE: '40' } });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(`console: ${message.text()}`); });
  page.on('response', (response) => { if (response.status() >= 400) faults.push(`${response.status()} ${response.request().method()} ${response.url()} on ${page.url()}`); });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await cleanUp();
}, 60_000);

async function alerts(query: string): Promise<AlertPage> {
  return AlertPage.parse(await page.evaluate(async (path) => {
    const response = await fetch(path);
    return response.json();
  }, `/v1/alerts?${query}`));
}

/** What a row is about: its reason, without clocks that go on. */
async function identity(): Promise<string> { return (await rows().first().innerText()).split('\n').slice(0, 4).join(' '); }

/** Rows of the queue as the screen has them. */
const rows = (): ReturnType<Page['locator']> => page.locator('[role=grid] [role=row][data-index]');

(browser ? describe : describe.skip)('the desk in a browser', () => {
  it('lets the first admin in by the one-time link, once', async () => {
    await page.goto(weir.loginUrl ?? '');
    await page.getByText('by the one-time link').waitFor();
    await page.getByRole('button', { name: 'Skip in the demo' }).click();
    await page.getByRole('link', { name: /Alerts/ }).first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/');

    const other = await browser?.newContext();
    const again = await other?.newPage();
    await again?.goto(weir.loginUrl ?? '');
    await again?.getByText('This link was used before or is too old').waitFor();
    await other?.close();
  });

  it('offers alerts in the queue as they arrive, without a reload, and takes them in with a key', async () => {
    await page.goto(`${weir.url}/alerts/`);
    await page.getByRole('button', { name: 'Take next' }).waitFor();
    // From here on nothing is loaded again: what comes, comes over the feed. A pill offers it, the key . takes it in.
    const text = await until('alerts on the screen', () => page.locator('main').innerText(), (seen) => /\d+ new/.test(seen), 90_000);
    const offered = Number(/(\d+) new/.exec(text)?.[1]);
    await page.locator('body').press('.');
    await rows().first().waitFor();
    expect((await alerts('limit=1')).total).toBeGreaterThanOrEqual(offered);
    // And again, with rows on the screen: those stay where they are while more is offered.
    const first = await identity();
    await until('more alerts on the screen', () => page.locator('main').innerText(), (seen) => /\d+ new/.test(seen), 90_000);
    expect(await identity()).toBe(first);
  }, 200_000);

  it('opens an alert with a key and shows its whole explanation', async () => {
    await page.goto(`${weir.url}/alerts/`);
    await rows().first().waitFor();
    await rows().first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/alert\/\?id=/);
    const conditions = page.getByRole('region', { name: 'Conditions' });
    await conditions.waitFor();
    const id = new URL(page.url()).searchParams.get('id') ?? '';
    const { alert } = AlertDetail.parse(await page.evaluate(async (path) => (await fetch(path)).json(), `/v1/alerts/${id}`));
    // Every condition as it is written, every window, and the event that triggered it.
    const said = (await conditions.innerText()).replaceAll(/\s+/g, ' ');
    expect(alert.explanation?.conditions.map(({ text }) => text).filter((text) => !said.includes(text.replaceAll(/\s+/g, ' ')))).toEqual([]);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain(alert.reason.slice(0, 20));
    for (const { text } of alert.explanation?.windows ?? []) expect(await page.locator('main').innerText()).toContain(text);
    expect(await page.getByRole('region', { name: 'Contributing events' }).getByRole('row').filter({ hasText: 'trigger' }).count()).toBe(1);
  });

  it('decides with two keys, and the alert is closed', async () => {
    const id = new URL(page.url()).searchParams.get('id');
    await page.locator('body').press('2');
    await page.getByRole('form', { name: /False positive/i }).waitFor();
    await page.keyboard.press('Enter');
    const decided = await until('the decision', () => alerts('status=closed&limit=200'), ({ items }) => items.some((one) => one.id === id));
    expect(decided.items.find((one) => one.id === id)).toMatchObject({ disposition: 'false_positive', decidedBy: 'admin' });
  });

  it.each(['light', 'dark'] as const)('has no accessibility violation on any main page, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    // Alerts of several rules: what an explanation holds differs from rule to rule.
    const byRule = new Map((await alerts('limit=200')).items.map((one) => [one.rule, one]));
    const [alert, ...others] = [...byRule.values()].slice(0, colorScheme === 'light' ? 4 : 1);
    const paths = [
      '/', '/alerts/', `/alert/?id=${alert?.id ?? ''}`, ...others.map(({ id }) => `/alert/?id=${id}`), '/cases/', `/case/?id=${alert?.caseId ?? ''}`, '/rules/', `/rule/edit/?id=${alert?.rule ?? ''}`, '/ops/', '/ops/dead-letters/',
    ];
    const violations: string[] = [];
    for (const path of paths) {
      await page.goto(`${weir.url}${path}`);
      await page.locator('main h1, main [role=grid], main').first().waitFor();
      await page.waitForLoadState('load');
      await until(`${path} without placeholders`, () => page.locator('.skeleton').count(), (count) => count === 0, 20_000);
      const { violations: found } = await new AxeBuilder({ page }).analyze();
      violations.push(...found.map(({ id, nodes }) => `${path}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`));
    }
    expect(violations).toEqual([]);
  }, 180_000);

  it('has raised no error in the browser on the way', () => {
    expect(faults).toEqual([]);
  });
});
