// Finds optional dependencies (platform binaries) that a locked package names and the lock file lacks: with such a gap
// `npm ci` fails on other machines. Also refuses download addresses in the lock. Exit status 1 on a finding.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));

/** npm's look-up: in the owner's own node_modules, then in that of each folder above. */
function isLocked(owner, dependency) {
  let folder = owner;
  while (folder !== '') {
    if (packages[`${folder}/node_modules/${dependency}`] !== undefined) return true;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
  return packages[`node_modules/${dependency}`] !== undefined;
}

const findings = [];
for (const [path, entry] of Object.entries(packages)) {
  if (entry.resolved?.startsWith('http')) findings.push(`${path}: the lock names a download address`);
  for (const [dependency, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!isLocked(path, dependency)) findings.push(`${path || 'root'}@${entry.version} wants ${dependency}@${range}, which is not in the lock`);
  }
}
for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? `lock complete: ${Object.keys(packages).length} entries` : `${findings.length} gaps in the lock`);
process.exit(findings.length === 0 ? 0 : 1);
