import type { ScanStepId } from '@deadbox/triage';
import { code, join, type Phrase } from '../document/phrase.js';
import { shellWord } from '../document/shell-word.js';
import { type Facts, imageWord, type Sentence } from './facts.js';

/**
 * One sentence for each step that the scan itself advises, with exact commands; a rule's steps bring their own words.
 */
export type StepWords = Readonly<Record<ScanStepId, Sentence>>;

/**
 * Removes files from a volume on Linux: a raw image by the volume's offset, another one through a network block device.
 */
export function linuxCommands(facts: Facts): Phrase {
  const image = imageWord(facts);
  // As IMAGE, where a fact is not there.
  const given = (name: string): string => (facts.has(name) ? String(facts.value(name)) : name.toUpperCase());
  const place = `offset=${given('offset')},sizelimit=${given('length')}`;
  const mount = facts.is('raw', true)
    ? [`sudo mount -t ntfs3 -o loop,${place} ${image} /mnt`]
    : [
        'sudo modprobe nbd max_part=16',
        `sudo qemu-nbd -c /dev/nbd0 ${image}`,
        `sudo mount -t ntfs3 /dev/nbd0p${given('volume')} /mnt`,
      ];
  // One file under several letters is one file here.
  const files = [...new Set(facts.list('paths').map(mountedPath))].map((path) => shellWord(`/mnt${path}`));
  const release = facts.is('raw', true) ? [] : ['sudo qemu-nbd -d /dev/nbd0'];
  const commands = [
    ...mount,
    `sudo rm ${files.length === 0 ? 'FILE' : files.join(' ')}`,
    'sudo umount /mnt',
    ...release,
  ];
  return join(
    commands.map((command) => code(command)),
    ' && ',
  );
}

/** `C:\Windows\x` or `/Windows/x` below a mount point. */
function mountedPath(path: string): string {
  return path.replace(/^[a-z]:/i, '').replaceAll('\\', '/');
}
