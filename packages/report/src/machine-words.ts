import type { HiveReport, InstallationReport } from '@deadbox/triage';
import { escapeText } from './escape.js';
import { hiveFindingWords } from './finding-words.js';

const text = (value: unknown): string =>
  escapeText(typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value));

/** Which server this is, in one line; empty where the registry was not read. */
export function hostLine(installation: InstallationReport): string {
  const { host } = installation;
  const name = host.computerName ?? host.hostName;
  if (name === undefined && host.product === undefined) return '';
  const domain = host.domain === undefined ? '' : ` (${text(host.domain)})`;
  const product = host.product === undefined ? 'Windows' : text(host.product);
  const version = host.version === undefined ? '' : `, build ${text(host.version)}`;
  const role = host.productType === 'domain-controller' ? ', domain controller' : '';
  const address =
    Array.isArray(host.addresses) && host.addresses.length > 0 ? `, ${host.addresses.map(text).join(', ')}` : '';
  return `${name === undefined ? 'This machine' : text(name)}${domain}: ${product}${version}${role}${address}`;
}

/** What is wrong with a hive, in a sentence; `undefined` for a whole one. */
export function hiveSentence(hive: HiveReport): string | undefined {
  const name = escapeText(hive.path);
  const codes = hive.codes.length === 0 ? '' : ` Windows would stop with ${hive.codes.join(' or ')}.`;
  switch (hive.verdict) {
    case 'recoverable':
      return `Registry hive ${name} was not closed cleanly, which is normal after a crash: its logs make it whole, and Windows will replay them.`;
    case 'at-risk':
      return `Registry hive ${name} was not closed cleanly, and its logs are missing or have a gap: Windows may not be able to repair it.${codes}`;
    case 'damaged':
      return `Registry hive ${name} is damaged (${hive.findings.map(hiveFindingWords).join('; ')}). Deleting the driver file will not cure that.${codes}`;
    case 'missing':
      return `Registry hive ${name} is not there.${codes}`;
    default:
      return undefined;
  }
}
