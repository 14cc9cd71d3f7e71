import {
  defined,
  isDeadboxError,
  MemorySource,
  type ReadOptions,
  type Siblings,
  type Surroundings,
} from '@deadbox/core';
import { allFormats } from '../all-formats.js';
import type { ImageFormat, VirtualDisk } from '../image-format.js';
import { MAX_ASKED_AROUND, PROBED_AROUND_BYTES } from '../limits.js';
import { isQed } from '../qemu/signature.js';
import { lastPathPart } from '../text/recorded-path.js';
import { askBeside, type ChildSearchOptions, relatedTo } from './ask-beside.js';
import type { ChainSession } from './chain.js';
import { askFile, askingSession } from './claims.js';
import { descendantsOf } from './descendants.js';
import type { ChildSearch } from './find-children.js';
import { isPartName, toldName } from './folder-names.js';
import { isGzip, isPackedImageName, unpack } from './packed-head.js';
import { type AskedAround, type ToldFile, ToldParents } from './told-parents.js';

/**
 * Endings of files that lie beside images and are none: of machines, and of what describes, proves, packs or says
 * something of a disk. They are asked last.
 */
const OTHER_ENDINGS: ReadonlySet<string> = new Set(
  (
    'asc bz2 cert csv diag doc docx gz htm html iso jpg js json log lz4 md md5 mf ndjson nvram ovf partial pdf png ' +
    'ps1 pvs py rar rst sarif sh sha1 sha256 sha512 sig svg tar ts txt undo vbox vbox-prev vmcx vmem vmgs vmrs vmsd ' +
    'vmsn vmss vmx vmxf xml xz yaml yml zip zst 7z'
  ).split(' '),
);

/**
 * Finds the images that were made on this one among all files around it, whatever their names are: by what they say of
 * their parents. Of a file that is no image of a format with parents only its first bytes are read.
 * @returns nothing where the place of the image cannot be listed
 * @throws what listing throws; of a file that cannot be asked only the count is told
 */
export async function findChildrenAround(
  disk: Pick<VirtualDisk, 'identity'>,
  options: ChildSearchOptions,
): Promise<ChildSearch> {
  const around = await options.siblings.around?.();
  if (around === undefined) return { children: [], looked: 0, passedOver: 0 };
  const { signal, formats = allFormats, told = new ToldParents() } = options;
  const beside = await askBeside(options, told);
  const asked = await told.around(around.place, () => askAround(around, formats, told, defined({ signal })));
  const own = lastPathPart(options.name) ?? options.name;
  const itself = [...new Set([own, ...around.self])].map((name) => ({ name, self: disk.identity }));
  const files = [...new Map([...beside.files, ...asked.files].map((file) => [file.name, file])).values()];
  const children = files.length === 0 ? [] : descendantsOf(itself, files, asked.present);
  const isRelated = relatedTo(own, formats);
  const unread = files.filter((file) => 'unread' in file);
  const mayBeNewer = unread.filter(({ name, isLink }) => isLink || isRelated(name.toLowerCase()));
  return {
    children,
    looked: beside.looked + asked.asked,
    passedOver: beside.passedOver + asked.leftOut + unread.length - mayBeNewer.length,
    packed: asked.packed.filter((path) => isRelated(path.slice(path.lastIndexOf('/') + 1).toLowerCase())),
    unread: mayBeNewer.filter(({ name }) => !around.self.includes(name)),
  };
}

/** Asks all files around an image. */
async function askAround(
  around: Surroundings,
  formats: readonly ImageFormat[],
  told: ToldParents,
  reading: ReadOptions,
): Promise<AskedAround> {
  const { paths, present = [], leftOut } = await around.list(reading);
  const candidates = candidatesAmong(paths, formats);
  const session = askingSession(formats, reading);
  const packed = paths.filter((path) => isPackedImageName(toldName(path).lower, formats));
  const files: NonNullable<ToldFile>[] = [];
  const unasked = leftOut + Math.max(candidates.length - MAX_ASKED_AROUND, 0);
  let asked = 0;
  for (const path of candidates.slice(0, MAX_ASKED_AROUND)) {
    reading.signal?.throwIfAborted();
    try {
      const file = await told.of(path, () => askPath(path, around, session));
      if (file !== undefined) files.push(file);
      asked += 1;
    } catch (error) {
      reading.signal?.throwIfAborted();
      // A verdict is reached by now: what fails over another file, a mistake of deadbox too, is told and costs nobody
      // it.
      files.push({ name: path, unread: isDeadboxError(error) ? error.code : 'INTERNAL', isLink: false });
    }
  }
  return {
    files,
    asked,
    packed,
    leftOut: unasked,
    present: new Set([...paths, ...present].map((path) => path.toLowerCase())),
  };
}

/** The files to ask: those of which nothing says that they are no links before those that seem to be something else. */
function candidatesAmong(paths: readonly string[], formats: readonly ImageFormat[]): string[] {
  const links = new Set(formats.flatMap((format) => (format.hasParents === true ? format.extensions : [])));
  const [likely, others]: [string[], string[]] = [[], []];
  for (const path of paths) {
    const { ending } = toldName(path);
    // Those beside the image are asked by their names already.
    if (links.has(ending) && !path.includes('/')) continue;
    if (isPartName(path, formats)) continue;
    if (OTHER_ENDINGS.has(ending)) others.push(path);
    else likely.push(path);
  }
  return [...likely, ...others];
}

async function askPath(path: string, around: Surroundings, session: ChainSession): Promise<ToldFile> {
  const first = await around.head(path, PROBED_AROUND_BYTES, session.reading);
  if (first === undefined) return undefined;
  const head = isGzip(first) ? await unpack(first, PROBED_AROUND_BYTES) : first;
  const source = new MemorySource(head);
  const nothing = new Uint8Array(0);
  const isImage = session.formats.some((format) => Number(format.probe(head, nothing, source)) >= 1);
  if (!isImage && !isQed(head)) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return askFile(path.slice(folder.length), siblingsIn(folder, around), session, path);
}

/** The files of one of the folders around an image. */
function siblingsIn(folder: string, around: Surroundings): Siblings {
  return {
    open: async (name, options) => around.open(folder + name, options),
    list: async (options) =>
      (await around.list(options)).paths.flatMap((path) => {
        const name = path.slice(folder.length);
        return path.startsWith(folder) && !name.includes('/') ? [name] : [];
      }),
  };
}
