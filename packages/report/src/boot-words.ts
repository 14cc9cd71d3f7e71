import type { BootReport } from '@deadbox/triage';
import { escapeText } from './escape.js';
import { bootFindingWords } from './finding-words.js';

const REMEDIES: Readonly<Record<string, string>> = {
  'restore-disk-identity': 'write the former disk identity back (a few bytes)',
  'patch-boot-store': "put the disk's present identity into the boot store",
  'correct-boot-store': 'correct the path in the boot store (bcdedit /store <path to BCD> /set …)',
  'rebuild-boot-store': 'rebuild the boot store (bcdboot C:\\Windows from a recovery environment)',
  'restore-partition': 'restore the missing partition',
  'restore-loader-file':
    "put the missing loader file back (sfc or DISM against the offline image, or from another server's same build)",
  'remove-safe-boot': 'remove the safe-boot flag: bcdedit /deletevalue {default} safeboot',
  'mark-system-partition': 'mark the system partition active',
};

/** Findings that the verdict's own sentence says in full. */
const SAID_BY_VERDICT: ReadonlySet<string> = new Set([
  'no-system-partition',
  'store-missing',
  'store-damaged',
  'no-windows',
]);

/** Whether the machine would find Windows, in sentences. */
export function bootSentences(boot: BootReport): string[] {
  const sentences: string[] = [];
  const shown = boot.codes.length === 0 ? '' : ` The machine would show ${boot.codes.slice(0, 3).join(' or ')}.`;
  const place = boot.store === null ? '' : ` (${escapeText(boot.store.path)} on volume ${boot.store.partition})`;
  switch (boot.verdict) {
    case 'consistent':
      sentences.push(`Boot store${place}: it points at this disk and its loader is there.`);
      break;
    case 'identity-changed': {
      const ids = boot.identity;
      const former = ids?.former == null ? '' : ` ${ids.former}`;
      sentences.push(
        `The disk's identity was changed: it is now ${ids?.current ?? 'unknown'}, but the boot store${place} still names${former === '' ? ' another one' : former}. ` +
          `This happens when the disk was attached to another Windows.${shown}`,
      );
      break;
    }
    case 'partition-missing':
      sentences.push(`The boot store${place} names a partition that this disk does not have.${shown}`);
      break;
    case 'loader-missing':
      sentences.push(`The boot store${place} names a loader file that is not there.${shown}`);
      break;
    case 'default-entry-missing':
      sentences.push(`The boot store${place} has no usable default entry.${shown}`);
      break;
    case 'converted-disk':
      sentences.push(
        `The disk was converted between MBR and GPT, but the boot store${place} still describes the old kind.${shown}`,
      );
      break;
    case 'store-missing':
      sentences.push(`No boot store was found where the firmware looks for it.${shown}`);
      break;
    case 'store-damaged':
      sentences.push(`The boot store${place} is damaged and cannot be read.${shown}`);
      break;
    case 'no-system-partition':
      sentences.push('The disk has no system partition: it starts from another disk, or its boot partition is gone.');
      break;
    default:
      break;
  }
  for (const finding of boot.findings) if (!SAID_BY_VERDICT.has(finding.id)) sentences.push(bootFindingWords(finding));
  if (boot.verdict !== 'consistent' && boot.remedies.length > 0) {
    sentences.push(`What would mend it: ${boot.remedies.map((remedy) => REMEDIES[remedy] ?? remedy).join('; or ')}.`);
  } else if (boot.remedies.includes('remove-safe-boot')) sentences.push(`To undo it: ${REMEDIES['remove-safe-boot']}.`);
  return sentences;
}
