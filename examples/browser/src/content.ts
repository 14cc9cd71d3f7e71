import { defined, toHex } from '@deadbox/core';
import { scanDisk } from '@deadbox/triage';
import { type BootDevice, type BootElementValue, findBootStores, registryTypeName } from '@deadbox/windows';
import type { ContentApi, ListedKey } from './api.js';
import { findHives, openHive } from './hives.js';
import { folderOf, NameColumns } from './name-columns.js';
import { currentDisk, fileAt, type State } from './state.js';

const HEAD_BYTES = 64 * 1024;
const CHUNK = 4 << 20;
const MAX_TEXT = 400;

/** The whole scan, and what the disk holds: loaded after the first answer. */
export function contentApi(state: State): ContentApi {
  return {
    async scan() {
      const { signal, counting } = state;
      state.report = await scanDisk(currentDisk(state), { signal, explain: true, ...defined({ counting }) });
      return state.report;
    },

    async list(volume, path) {
      const folder = await fileAt(state, volume, path);
      const folders = new NameColumns();
      const files = new NameColumns();
      for await (const batch of folder.entries({ signal: state.signal }))
        for (const entry of batch) {
          const known = entry as unknown as { fileName?: { size: number } };
          if (entry.type === 'directory' || entry.type === 'junction') folders.add(entry.name, -1);
          else files.add(entry.name, known.fileName?.size ?? -1);
        }
      return folderOf(folders, files);
    },

    async head(volume, path) {
      const content = await (await fileAt(state, volume, path)).stream(undefined, { signal: state.signal });
      const bytes = await content.read(0, Math.min(content.size, HEAD_BYTES), { signal: state.signal });
      return { size: content.size, bytes: bytes.slice() };
    },

    async content(volume, path) {
      const content = await (await fileAt(state, volume, path)).stream(undefined, { signal: state.signal });
      const parts: Blob[] = [];
      // Blobs of a browser may lie on its disk: memory stays flat.
      for (let at = 0; at < content.size; at += CHUNK) {
        parts.push(
          new Blob([(await content.read(at, Math.min(CHUNK, content.size - at), { signal: state.signal })).slice()]),
        );
        state.progress(at / content.size);
      }
      return new Blob(parts);
    },

    hives: () => findHives(state),

    async key(hive, path) {
      const key = await (await openHive(state, hive)).key(path);
      if (key === undefined) throw new Error(`${path}: not found`);
      const keys = (await key.subkeys()).map(({ name }) => name).sort(compare);
      const values: ListedKey['values'][number][] = [];
      for (const value of await key.values())
        values.push({ name: value.name, type: registryTypeName(value.type), text: shown(await value.data()) });
      return { keys, values };
    },

    async stores() {
      const found: Awaited<ReturnType<ContentApi['stores']>>[number][] = [];
      for (const volume of currentDisk(state).volumes) {
        const tree = await volume.fileTree({ signal: state.signal }).catch(() => undefined);
        if (tree === undefined) continue;
        for (const { path, store } of await findBootStores(tree, volume.number, { signal: state.signal }))
          found.push({
            hive: { label: 'BCD', volume: volume.number, path },
            objects: (store?.objects ?? []).map(({ id, name, elements }) => ({
              id: `{${id.toLowerCase()}}`,
              name: shown(name ?? ''),
              elements: elements.map((element) => ({
                id: element.id.toString(16).padStart(8, '0'),
                name: element.name ?? '',
                text: shown(elementText(element.value)),
              })),
            })),
          });
      }
      return found;
    },
    async walk(target) {
      return (await import('./walking.js')).walk(state, target);
    },

    async causeTarget(id) {
      return (await import('./walking.js')).targetOfCauseId(state, id);
    },

    async target(text) {
      return (await import('./walking.js')).targetOfText(state, text);
    },
  };
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
