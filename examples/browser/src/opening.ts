import { BlobSource, type ByteSource, CountingSource, type Siblings } from '@deadbox/core';
import { openDisk, type Volume } from '@deadbox/disk';
import { keyList } from '@deadbox/encryption';
import { scanDisk } from '@deadbox/triage';
import type { ListedVolume, Opened, OpeningApi } from './api.js';
import { closeDisk, currentDisk, type State } from './state.js';

/** All that the first answer needs; everything else of the worker is loaded after it. */
export function openingApi(state: State): OpeningApi {
  return {
    async open(what, secrets) {
      await closeDisk(state);
      const { signal } = state;
      const { source, name, siblings } = await openWhat(what, signal);
      state.source = source;
      const keys = keyList(secrets.map(({ kind, text }, index) => ({ kind, text, label: `key ${index + 1}` })));
      state.counting = new CountingSource(source);
      state.disk = await openDisk(state.counting, { name, siblings, keys, signal });
      const volumes: ListedVolume[] = [];
      for (const volume of state.disk.volumes) volumes.push(await listed(volume, signal));
      return volumes;
    },

    first: () => scanDisk(currentDisk(state), { mode: 'quick', signal: state.signal }),
  };
}

async function openWhat(
  what: Opened,
  signal: AbortSignal,
): Promise<{ source: ByteSource; name: string; siblings: Siblings }> {
  if (what.kind === 'link') return (await import('./link.js')).openLink(what.url, signal);
  const file = what.files.find(({ name }) => name === what.name) as File;
  return { source: new BlobSource(file), name: file.name, siblings: siblingsOf(what.files) };
}

/** Files that were dropped together, as a folder is for the command line. */
function siblingsOf(files: readonly File[]): Siblings {
  const byName = new Map(files.map((file) => [file.name.toLowerCase(), file]));
  return {
    open: async (name) => {
      const file = byName.get(name.toLowerCase());
      return file === undefined ? undefined : new BlobSource(file);
    },
    list: async () => files.map(({ name }) => name),
  };
}

async function listed(volume: Volume, signal: AbortSignal): Promise<ListedVolume> {
  const readable = await volume.fileTree({ signal }).then(
    () => true,
    () => false,
  );
  const { product = '?', keyProtectors = [] } = volume.encryption;
  const kind = volume.fileSystem === 'unknown' ? product : volume.fileSystem.toUpperCase();
  return {
    number: volume.number,
    label: `${volume.number} · ${kind}`,
    role: volume.role,
    readable,
    locked: volume.locked && product === 'BitLocker',
    keyIds: keyProtectors.filter(({ type }) => type === 'recovery-password').map(({ id }) => id),
  };
}
