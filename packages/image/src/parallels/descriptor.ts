import { defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_COMPANIONS } from '../limits.js';
import { childOf, elementsOf, parseXml, type XmlElement } from '../text/xml.js';

/** File name of the descriptor in a bundle. */
export const PARALLELS_DESCRIPTOR = 'DiskDescriptor.xml';
/** The image that a disk begins with, before any snapshot. */
export const PARALLELS_BASE_GUID = '{5fbaabe3-6958-40ff-92a7-860e329aab41}';
const NIL_GUID = '{00000000-0000-0000-0000-000000000000}';
const SECTOR = 512;

/** One image file of a bundle: a state of one part of the disk. */
export interface ParallelsImage {
  /** The state that it holds, in lower case with braces. */
  readonly guid: string;
  readonly file: string;
  /** Whether it is the bytes of the part as they are, not an expandable image. */
  readonly plain: boolean;
}

/** A part of the disk, with the image files of all its states. */
export interface ParallelsStorage {
  /** Where the part begins and ends on the disk, in bytes. */
  readonly start: number;
  readonly end: number;
  readonly images: readonly ParallelsImage[];
}

/** What a `DiskDescriptor.xml` says (QEMU docs/interop/prl-xml). */
export interface ParallelsDescriptor {
  /** Bytes of the disk. */
  readonly size: number;
  readonly storages: readonly ParallelsStorage[];
  /** The state that the machine sees. */
  readonly top: string;
  /** The state that each state was made on. */
  readonly parents: ReadonlyMap<string, string>;
  /** Whether the bundle is encrypted. */
  readonly encrypted: boolean;
}

/**
 * Parses the descriptor.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseParallelsDescriptor(text: string, layer: string): ParallelsDescriptor {
  const root = parseXml(text);
  const fail = (code: 'IMAGE_DAMAGED' | 'IMAGE_UNSUPPORTED' | 'IMAGE_LIMIT', what: string): Error =>
    imageError(code, `${layer} ${what}`, { layer, offset: 0 });
  if (root?.name !== 'Parallels_disk_image') throw fail('IMAGE_DAMAGED', 'is no whole description of a Parallels disk');
  const parameters = childOf(root, 'Disk_Parameters');
  const padding = childOf(parameters, 'Padding')?.text ?? '0';
  if (padding !== '0') throw fail('IMAGE_UNSUPPORTED', `describes a disk with a padding of ${padding}`);
  const storages = elementsOf(root, 'Storage').map((storage) => storageOf(storage, fail));
  if (storages.length === 0) throw fail('IMAGE_DAMAGED', 'describes a disk without files');
  if (storages.length > MAX_COMPANIONS) throw fail('IMAGE_LIMIT', `describes a disk of ${storages.length} parts`);
  const size = sectorsOf(childOf(parameters, 'Disk_size')) ?? Math.max(...storages.map(({ end }) => end));
  const snapshots = childOf(root, 'Snapshots');
  const parents = new Map<string, string>();
  for (const shot of snapshots?.children.filter(({ name }) => name === 'Shot') ?? []) {
    const [guid, parent] = [guidOf(childOf(shot, 'GUID')), guidOf(childOf(shot, 'ParentGUID'))];
    if (guid !== undefined && parent !== undefined && parent !== NIL_GUID) parents.set(guid, parent);
  }
  const only = storages[0].images.length === 1 ? storages[0].images[0]?.guid : undefined;
  const top = guidOf(childOf(snapshots, 'TopGUID')) ?? only;
  if (top === undefined) throw fail('IMAGE_DAMAGED', 'lists several states and does not say which is the newest');
  const engine = guidOf(childOf(childOf(parameters, 'Encryption'), 'Engine'));
  return { size, storages, top, parents, encrypted: engine !== undefined && engine !== NIL_GUID };
}

function storageOf(
  storage: XmlElement,
  fail: (code: 'IMAGE_DAMAGED' | 'IMAGE_UNSUPPORTED', what: string) => Error,
): ParallelsStorage {
  const [start, end] = [sectorsOf(childOf(storage, 'Start')), sectorsOf(childOf(storage, 'End'))];
  if (start === undefined || end === undefined || end <= start)
    throw fail('IMAGE_DAMAGED', 'describes a part of the disk without a place');
  const images = storage.children
    .filter(({ name }) => name === 'Image')
    .map((image): ParallelsImage => {
      const found = defined({
        guid: guidOf(childOf(image, 'GUID')),
        file: childOf(image, 'File')?.text,
        type: childOf(image, 'Type')?.text,
      });
      const { guid, file, type } = found;
      if (guid === undefined || file === undefined || file === '')
        throw fail('IMAGE_DAMAGED', 'lists a file without name or identifier');
      if (type !== 'Plain' && type !== 'Compressed')
        throw fail(
          'IMAGE_UNSUPPORTED',
          `lists ${file} with the type ${type ?? '(none)'}; known are Plain and Compressed`,
        );
      return { guid, file, plain: type === 'Plain' };
    });
  return { start, end, images };
}

/** A number of sectors, in bytes. */
function sectorsOf(element: XmlElement | undefined): number | undefined {
  return element !== undefined && /^\d{1,13}$/.test(element.text) ? Number(element.text) * SECTOR : undefined;
}

function guidOf(element: XmlElement | undefined): string | undefined {
  const text = element?.text.toLowerCase() ?? '';
  return /^\{[0-9a-f-]{36}\}$/.test(text) ? text : undefined;
}
