import type { ImageReport, Obstacle } from '@deadbox/triage';

/** Effect and advice of each obstacle id, in the operator's words. */
const WORDS: Readonly<Record<string, { effect: string; advice: string }>> = {
  'bitlocker-clear-key': {
    effect: 'The volume is encrypted by BitLocker with its key in the clear: Windows opens it silently, Linux shows nothing.',
    advice: 'deadbox reads it without a key.',
  },
  'dirty-log': {
    effect: 'The NTFS journal was not replayed (normal after a crash): Linux drivers may refuse to mount the volume or mount it read-only.',
    advice: 'deadbox reads it as it is; the newest changes may be only in the journal.',
  },
  hibernated: {
    effect: 'Windows is hibernated or was shut down with fast startup: Linux drivers refuse to mount the volume.',
    advice: 'deadbox reads it; changes that are only in the memory image are missing. Never write to such a volume.',
  },
  'bitlocker-leftover': {
    effect: 'BitLocker headers are left on a volume that was decrypted: Linux calls it BitLocker although nothing is encrypted.',
    advice: 'No key is needed; deadbox reads it.',
  },
  'damaged-table-or-boot-sector': {
    effect: 'A partition table or boot sector is damaged: other tools find no partition or no file system.',
    advice: 'deadbox used the backup copy.',
  },
};

/** One sentence an obstacle. */
export function obstacleLines(image: ImageReport): string[] {
  return image.obstacles.map((obstacle) => {
    const words = obstacleWords(obstacle);
    const where = obstacle.volume === null ? '' : `Volume ${obstacle.volume}: `;
    return `${where}${words.effect} ${words.advice}`;
  });
}

/** Effect and advice of one obstacle. */
export function obstacleWords(obstacle: Obstacle): { effect: string; advice: string } {
  return WORDS[obstacle.id] ?? { effect: obstacle.effect, advice: obstacle.advice };
}
