import { existsSync } from 'node:fs';
import { chromium as playwright, type Browser } from 'playwright-core';

/**
 * A real Chromium: `CHROME_PATH` or one that is installed, else the one that comes as an npm package (Linux x64, needs libnss3 and
 * libexpat on the machine). Undefined with the reason printed when none starts here; the runner repeats lines that begin with `skipped:`.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  const installed = [process.env['CHROME_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
  const reasons: string[] = [];
  for (const path of installed.filter((one) => one !== '' && existsSync(one))) {
    const browser = await launch(path, reasons);
    if (browser) return browser;
  }
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    // Not its own arguments: they switch web security off and run everything in one process.
    const browser = await launch(await packaged.executablePath(), reasons);
    if (browser) return browser;
  } catch (cause) {
    reasons.push(cause instanceof Error ? cause.message : String(cause));
  }
  process.stderr.write(`skipped: no Chromium starts here (CHROME_PATH names one): ${reasons.join(' | ').slice(0, 500)}\n`);
  return undefined;
}

const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

async function launch(executablePath: string, reasons: string[]): Promise<Browser | undefined> {
  try {
    return await playwright.launch({ executablePath, args, headless: true });
  } catch (cause) {
    reasons.push(`${executablePath}: ${cause instanceof Error ? cause.message.split('\n')[0] ?? '' : String(cause)}`);
    return undefined;
  }
}
