import {
  BlobSource,
  type ByteSource,
  type FileNode,
  httpSiblings,
  openHttp,
  type Siblings,
  toHex,
} from '@deadbox/core';
import { type Disk, openDisk, type Volume } from '@deadbox/disk';
import { keyList, type UnlockKey } from '@deadbox/encryption';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders, type ImageReport, scanDisk } from '@deadbox/triage';
import { targetOfCause, type WalkTarget, walkTo } from '@deadbox/triage/walk';
import { type BootDevice, type BootElementValue, findBootStores, Hive, registryTypeName } from '@deadbox/windows';
import type { Answer, Api, Call, ListedFile, ListedHive, ListedKey, ListedVolume, Opened, Secret } from './api.js';

const HEAD_BYTES = 64 * 1024;
const CHUNK = 4 << 20;
const MAX_TEXT = 400;
const HIVES = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT', 'COMPONENTS', 'DRIVERS'];

let disk: Disk | undefined;
let source: ByteSource | undefined;
let report: ImageReport | undefined;
let signal = new AbortController().signal;
const running = new Map<number, AbortController>();

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

function keysOf(secrets: readonly Secret[]): UnlockKey[] {
  return secrets.map(({ kind, text }, index) => ({ kind, text, label: `key ${index + 1}` }));
}

async function close(): Promise<void> {
  await disk?.close();
  await source?.close?.();
  disk = undefined;
  source = undefined;
  report = undefined;
}

async function openWhat(what: Opened): Promise<{ source: ByteSource; name: string; siblings: Siblings }> {
  if (what.kind === 'link') {
    const opened = await openHttp(what.url, { signal });
    return { source: opened, name: what.url, siblings: httpSiblings(what.url) };
  }
  const file = what.files.find(({ name }) => name === what.name) as File;
  return { source: new BlobSource(file), name: file.name, siblings: siblingsOf(what.files) };
}

function current(): Disk {
  if (disk === undefined) throw new Error('no disk is open');
  return disk;
}

function volumeOf(number: number): Volume {
  const volume = current().volumes.find((candidate) => candidate.number === number);
  if (volume === undefined) throw new Error(`no volume ${number}`);
  return volume;
}

async function listed(volume: Volume): Promise<ListedVolume> {
  const readable = await volume.fileTree({ signal }).then(
    () => true,
    () => false,
  );
  const protectors = volume.encryption.keyProtectors ?? [];
  return {
    number: volume.number,
    label: `${volume.number} · ${volume.fileSystem === 'unknown' ? (volume.encryption.product ?? '?') : volume.fileSystem.toUpperCase()}`,
    role: volume.role,
    readable,
    locked: volume.locked && volume.encryption.product === 'BitLocker',
    keyIds: protectors.filter(({ type }) => type === 'recovery-password').map(({ id }) => id),
  };
}

async function fileAt(volume: number, path: string): Promise<FileNode> {
  const file = await (await volumeOf(volume).fileTree({ signal })).lookup(path, { signal });
  if (file === undefined) throw new Error(`${path}: not found`);
  return file;
}

const api: Api = {
  async open(what, secrets) {
    await close();
    const opened = await openWhat(what);
    source = opened.source;
    disk = await openDisk(opened.source, {
      name: opened.name,
      siblings: opened.siblings,
      keys: keyList(keysOf(secrets)),
      signal,
    });
    const volumes: ListedVolume[] = [];
    for (const volume of disk.volumes) volumes.push(await listed(volume));
    return volumes;
  },

  async scan() {
    report = await scanDisk(current(), { signal });
    return report;
  },

  async list(volume, path) {
    const folder = await fileAt(volume, path);
    const names: ListedFile[] = [];
    for await (const batch of folder.entries({ signal }))
      for (const entry of batch) {
        const known = entry as unknown as { fileName?: { size: number } };
        const isFolder = entry.type === 'directory' || entry.type === 'junction';
        const size = isFolder ? null : (known.fileName?.size ?? null);
        names.push({ name: entry.name, folder: isFolder, size, record: entry.record ?? null });
      }
    return names.sort((a, b) => Number(b.folder) - Number(a.folder) || compare(a.name, b.name));
  },

  async head(volume, path) {
    const content = await (await fileAt(volume, path)).stream(undefined, { signal });
    const bytes = await content.read(0, Math.min(content.size, HEAD_BYTES), { signal });
    return { size: content.size, bytes: bytes.slice() };
  },

  async content(volume, path) {
    const content = await (await fileAt(volume, path)).stream(undefined, { signal });
    const parts: Blob[] = [];
    // Blobs of a browser may lie on its disk: memory stays flat.
    for (let at = 0; at < content.size; at += CHUNK) {
      parts.push(new Blob([(await content.read(at, Math.min(CHUNK, content.size - at), { signal })).slice()]));
      progress(at / content.size);
    }
    return new Blob(parts);
  },

  async hives() {
    const found: ListedHive[] = [];
    for (const volume of current().volumes) {
      const tree = await volume.fileTree({ signal }).catch(() => undefined);
      if (tree === undefined) continue;
      if (tree instanceof NtfsVolume)
        for (const { path } of await findWindowsFolders(tree, { signal }))
          for (const name of HIVES) {
            const hive = `${path}/System32/config/${name}`;
            if ((await tree.lookup(hive, { signal })) !== undefined)
              found.push({ label: name, volume: volume.number, path: hive });
          }
      for (const { path } of await findBootStores(tree, volume.number, { signal }))
        found.push({ label: 'BCD', volume: volume.number, path });
    }
    // Boot stores last: the registry is what one looks for here.
    return found.sort((a, b) => Number(a.label === 'BCD') - Number(b.label === 'BCD'));
  },

  async key(hive, path) {
    const key = await (await openHive(hive)).key(path);
    if (key === undefined) throw new Error(`${path}: not found`);
    const keys = (await key.subkeys()).map(({ name }) => name).sort(compare);
    const values: ListedKey['values'][number][] = [];
    for (const value of await key.values())
      values.push({ name: value.name, type: registryTypeName(value.type), text: shown(await value.data()) });
    return { keys, values };
  },

  async stores() {
    const found: Awaited<ReturnType<Api['stores']>>[number][] = [];
    for (const volume of current().volumes) {
      const tree = await volume.fileTree({ signal }).catch(() => undefined);
      if (tree === undefined) continue;
      for (const { path, store } of await findBootStores(tree, volume.number, { signal }))
        found.push({
          hive: { label: 'BCD', volume: volume.number, path },
          objects: (store?.objects ?? []).map(({ id, name, elements }) => ({
            id: `{${id.toLowerCase()}}`,
            name: name ?? '',
            elements: elements.map((element) => ({
              id: element.id.toString(16).padStart(8, '0'),
              name: element.name ?? '',
              text: elementText(element.value),
            })),
          })),
        });
    }
    return found;
  },

  walk: (target) => walkTo(current(), target, { signal }),

  async causeTarget(id): Promise<WalkTarget | null> {
    return report === undefined ? null : ((await targetOfCause(current(), report, id, { signal })) ?? null);
  },
};

async function openHive({ volume, path }: ListedHive): Promise<Hive> {
  const log = async (ending: string): Promise<ByteSource | undefined> =>
    fileAt(volume, `${path}${ending}`).then(
      (file) => file.stream(undefined, { signal }),
      () => undefined,
    );
  const file = await fileAt(volume, path);
  return Hive.open(await file.stream(undefined, { signal }), {
    signal,
    openLogs: async () => ({ log1: await log('.LOG1'), log2: await log('.LOG2'), log: await log('.LOG') }),
  });
}

/** An element of a boot store in one line. */
function elementText(value: BootElementValue): string {
  switch (value.format) {
    case 'string':
      return value.text;
    case 'object':
      return `{${value.id.toLowerCase()}}`;
    case 'object-list':
      return value.ids.map((id) => `{${id.toLowerCase()}}`).join(' · ');
    case 'device':
      return deviceText(value.device);
    case 'unknown':
      return '?';
    default:
      return Object.entries(value)
        .flatMap(([name, inner]) => (name === 'format' ? [] : [shown(inner)]))
        .join(' ');
  }
}

function deviceText(device: BootDevice): string {
  if (device.kind !== 'partition')
    return 'path' in device && device.path !== undefined ? `${device.kind} ${device.path}` : device.kind;
  const { partition } = device;
  return partition.style === 'gpt'
    ? `partition ${partition.partitionId} · disk ${partition.diskId}`
    : `partition @ ${partition.partitionOffset} · disk ${partition.diskSignature}`;
}

/** A value in one line. */
function shown(value: unknown): string {
  const text =
    value instanceof Uint8Array
      ? toHex(value.subarray(0, MAX_TEXT / 2))
      : Array.isArray(value)
        ? value.map(shown).join(' · ')
        : typeof value === 'object' && value !== null
          ? JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
          : typeof value === 'string'
            ? value
            : (JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '');
  return text.slice(0, MAX_TEXT);
}

function compare(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

let calling = 0;

function progress(share: number): void {
  post({ id: calling, progress: share });
}

const post = (answer: Answer): void =>
  (self as unknown as { postMessage(value: unknown, moved: Transferable[]): void }).postMessage(answer, []);

/** One call after another: they share the disk. */
let queue: Promise<void> = Promise.resolve();

self.addEventListener('message', (event: MessageEvent<Call | { readonly cancel: number }>) => {
  const { data } = event;
  if ('cancel' in data) return running.get(data.cancel)?.abort();
  const control = new AbortController();
  running.set(data.id, control);
  queue = queue.then(async () => {
    try {
      control.signal.throwIfAborted();
      signal = control.signal;
      calling = data.id;
      const method = api[data.method] as (...args: readonly unknown[]) => Promise<unknown>;
      post({ id: data.id, value: plain(await method(...data.args)) });
    } catch (error) {
      const { code = 'ERROR', message = String(error) } = error as { code?: string; message?: string };
      post({ id: data.id, error: { code: control.signal.aborted ? 'CANCELLED' : code, message } });
    } finally {
      running.delete(data.id);
    }
  });
});

/** Reports may hold big numbers and views, which JSON has not; blobs and bytes go as they are. */
function plain(value: unknown): unknown {
  if (value instanceof Blob) return value;
  if (typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array)
    return value;
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)));
}
