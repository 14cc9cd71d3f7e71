import { defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_COMPANIONS } from '../limits.js';

/** One extent line: a run of the disk and the file that holds it. */
export interface VmdkExtentLine {
  /** `RW`, `RDONLY` or `NOACCESS`. */
  readonly access: string;
  /** Length in sectors of 512 bytes. */
  readonly sectors: number;
  /** `FLAT`, `SPARSE`, `ZERO`, `VMFS`, `VMFSSPARSE`, `VMFSRDM`, `VMFSRAW`, `SESPARSE`… in upper case. */
  readonly type: string;
  /** File name as recorded; absent for `ZERO`. */
  readonly fileName?: string;
  /** Start in the file, in sectors; 0 when not recorded. */
  readonly startSector: number;
}

/** A VMDK descriptor (Virtual Disk Format 5.0, "The Descriptor File"). */
export interface VmdkDescriptor {
  readonly version: number;
  /** Content identifier, eight lower-case hexadecimal digits. */
  readonly cid?: string;
  /** Content identifier that the parent had; absent without a parent. */
  readonly parentCid?: string;
  /** The type of the disk as recorded: `monolithicSparse`, `vmfs`… */
  readonly createType: string;
  /** Where the parent was. */
  readonly parentFileNameHint?: string;
  readonly extents: readonly VmdkExtentLine[];
  /** What says that the disk is encrypted: the key and its beginning, e.g. `encryptionKeys`. */
  readonly encryptedBy?: string;
  /** All `key = value` pairs, keys in lower case. */
  readonly values: ReadonlyMap<string, string>;
}

/** Value of `parentCID` of a disk without a parent. */
const NO_PARENT = 'ffffffff';
const EXTENT_LINE =
  /^(RW|RDONLY|NOACCESS)\s+(\d{1,16})\s+([A-Za-z]+)(?:\s+"([^"]*)")?(?:\s+(\d{1,16}))?(?:\s+partitionUUID\s.*)?$/;
const PAIR = /^([A-Za-z][\w.]*)\s*=\s*(.*)$/;

/**
 * Parses the text of a descriptor.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_DAMAGED` (not a descriptor, impossible extents), `IMAGE_LIMIT` (too many extents)
 */
export function parseVmdkDescriptor(text: string, layer: string): VmdkDescriptor {
  const values = new Map<string, string>();
  const extents: VmdkExtentLine[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const extent = EXTENT_LINE.exec(trimmed);
    if (extent !== null) {
      if (extents.length >= MAX_COMPANIONS)
        throw imageError('IMAGE_LIMIT', `The descriptor in ${layer} lists more than ${MAX_COMPANIONS} extents`);
      extents.push(extentLine(extent, trimmed, layer));
      continue;
    }
    // An extent that is not understood would shift all that follow it.
    if (/^(RW|RDONLY|NOACCESS)\s/.test(trimmed)) throw impossibleExtent(trimmed, layer);
    addPair(trimmed, values);
  }
  const createType = values.get('createtype');
  if (createType === undefined && extents.length === 0) {
    throw imageError('IMAGE_DAMAGED', `The descriptor in ${layer} has neither createType nor extents`, {
      layer,
      offset: 0,
    });
  }
  const cid = contentId(values.get('cid'));
  const encryptedBy = encryptionOf(values);
  return {
    version: Number(values.get('version') ?? 1),
    createType: createType ?? 'unknown',
    extents,
    values,
    ...defined({ cid }),
    ...recordedParent(values),
    ...defined({ encryptedBy }),
  };
}

/** What a descriptor says of its parent, whatever its extents are. */
export function vmdkParentOf(text: string): Pick<VmdkDescriptor, 'parentCid' | 'parentFileNameHint'> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) addPair(line.trim(), values);
  return recordedParent(values);
}

/** The first of a repeated key counts, as for the other readers of this format. */
function addPair(line: string, values: Map<string, string>): void {
  const pair = PAIR.exec(line);
  if (pair !== null && !values.has(pair[1].toLowerCase())) values.set(pair[1].toLowerCase(), unquoted(pair[2]));
}

function recordedParent(values: ReadonlyMap<string, string>): ReturnType<typeof vmdkParentOf> {
  const parentFileNameHint = values.get('parentfilenamehint');
  const parentCid = parentOf(contentId(values.get('parentcid')), parentFileNameHint);
  return { ...defined({ parentCid }), ...defined({ parentFileNameHint }) };
}

function extentLine(match: RegExpExecArray, line: string, layer: string): VmdkExtentLine {
  const [, access, sectors, type, fileName, start] = match as unknown as [
    string,
    string,
    string,
    string,
    string | undefined,
    string | undefined,
  ];
  const kind = type.toUpperCase();
  const length = Number(sectors);
  const startSector = Number(start ?? 0);
  const fits = Number.isSafeInteger(length * 512) && Number.isSafeInteger((startSector + length) * 512);
  if (length === 0 || !fits || (fileName === undefined && kind !== 'ZERO')) {
    throw impossibleExtent(line, layer);
  }
  return { access, sectors: length, type: kind, startSector, ...defined({ fileName }) };
}

function impossibleExtent(line: string, layer: string): Error {
  const what = `The descriptor in ${layer} has an impossible extent: ${line.slice(0, 200)}`;
  return imageError('IMAGE_DAMAGED', what, { layer, offset: 0 });
}

function unquoted(value: string): string {
  const match = /^"([^"]*)"/.exec(value);
  return match === null ? value.trim() : match[1];
}

function contentId(value: string | undefined): string | undefined {
  return value !== undefined && /^[0-9a-f]{1,8}$/i.test(value) ? value.toLowerCase().padStart(8, '0') : undefined;
}

/** A zero parent CID without a file name is how some backup tools write "none". */
function parentOf(parentCid: string | undefined, hint: string | undefined): string | undefined {
  if (parentCid === undefined || parentCid === NO_PARENT) return undefined;
  return hint === undefined && parentCid === '00000000' ? undefined : parentCid;
}

/** vSphere VM encryption names its key bundle and its I/O filter in the otherwise readable descriptor. */
function encryptionOf(values: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of values) {
    if (key === 'encryptionkeys' || key === 'keyid' || key.startsWith('encryption.')) return key;
    if (key === 'ddb.iofilters' && /vmwarevmcrypt/i.test(value)) return 'ddb.iofilters';
  }
  return undefined;
}
