import { type ByteSource, type Bytes, isDeadboxError, type Json } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { MAX_PARENT_PATH_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { LinearMap } from '../mapped/linear-map.js';
import {
  parentLocatorPath,
  parseDynamicHeader,
  parseFooter,
  VHD_DYNAMIC_HEADER,
  VHD_FOOTER,
  VHD_HEADER_BYTES,
  type VhdDynamicHeader,
  type VhdFooter,
  type VhdParentLocator,
} from './header.js';
import { VhdMap } from './map.js';
import { footerLengthAt, hasFooterCopy, VHD_FOOTER_BYTES } from './signature.js';

/** Opens what `vhdFormat` recognised. */
export async function openVhd(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const footer = findFooter(source, context);
  const { type } = footer;
  checkFooter(footer, context);
  const details: Record<string, Json> = {
    creator: footer.creator,
    uniqueId: footer.uniqueId,
    savedState: footer.savedState,
  };
  const facts = { format: 'vhd', sectorSize: 512, hasChecksums: true, identity: { id: footer.uniqueId } } as const;
  if (type === 'fixed') {
    noteShortData(source, footer, context);
    const map = new LinearMap(footer.size === 0 ? [] : [{ length: footer.size, source, offset: 0 }]);
    return new BlockMappedDisk(map, context, { ...facts, variant: type, details });
  }
  const header = await readHeader(source, footer, context);
  const parent = type === 'differencing' ? await openParent(header, footer, context) : undefined;
  const map = new VhdMap(source, context.name, footer.size, header, type === 'differencing');
  return new BlockMappedDisk(map, context, {
    ...facts,
    variant: type as string,
    parent,
    details: { ...details, blockSize: header.blockSize },
  });
}

/** The footer at the end; when that is broken or gone, its copy at the start of dynamic and differencing disks. */
function findFooter(source: ByteSource, { head, tail, name, issues }: OpenContext): VhdFooter {
  const length = footerLengthAt(tail);
  const last =
    length === undefined ? undefined : parseFooter(tail.subarray(tail.length - length), name, source.size - length);
  const copy = hasFooterCopy(head) ? parseFooter(head.subarray(0, VHD_FOOTER_BYTES), name, 0) : undefined;
  if (last?.checksumValid) return last;
  const used = copy?.checksumValid || last === undefined ? copy : last;
  if (used === undefined) throw imageError('IMAGE_DAMAGED', `${name} has no VHD footer`, { layer: name, offset: 0 });
  const at = { layer: name, offset: last?.offset ?? Math.max(source.size - VHD_FOOTER_BYTES, 0) };
  // An image whose every checksum is wrong is still opened: tools that patch identifiers leave such files behind.
  if (used === copy)
    issues.add({
      code: 'image.footer-copy-used',
      severity: 'warning',
      at,
      data: { reason: last === undefined ? 'missing' : 'checksum' },
    });
  if (!used.checksumValid)
    issues.add({
      code: 'image.footer-damaged',
      severity: 'warning',
      at: { layer: name, offset: used.offset },
      data: { field: 'checksum' },
    });
  return used;
}

function checkFooter(footer: VhdFooter, { name }: OpenContext): void {
  const at = (field: number): { layer: string; offset: number } => ({ layer: name, offset: footer.offset + field });
  if (footer.majorVersion !== 1) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${name} is a VHD of version ${footer.majorVersion}; only version 1 is known`,
      at(VHD_FOOTER.fields.majorVersion.offset),
      {
        version: footer.majorVersion,
      },
    );
  }
  if (footer.type === undefined) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${name} is a VHD of disk type ${footer.typeNumber}; known are 2 (fixed), 3 (dynamic) and 4 (differencing)`,
      at(VHD_FOOTER.fields.type.offset),
      {
        type: footer.typeNumber,
      },
    );
  }
  if (footer.size > MAX_VIRTUAL_SIZE) {
    throw imageError(
      'IMAGE_LIMIT',
      `${name} claims a disk of ${footer.size} bytes; the most that deadbox opens is ${MAX_VIRTUAL_SIZE}`,
      at(VHD_FOOTER.fields.currentSize.offset),
      { size: footer.size },
    );
  }
}

/**
 * The end of a fixed disk may be missing when the footer was written first or the copy stopped; what is there still
 * reads.
 */
function noteShortData(source: ByteSource, footer: VhdFooter, { name, issues }: OpenContext): void {
  if (footer.size <= footer.offset) return;
  const data = { virtualSize: footer.size, fileSize: source.size };
  issues.add({ code: 'image.truncated', severity: 'error', at: { layer: name, offset: footer.offset }, data });
}

async function readHeader(source: ByteSource, footer: VhdFooter, context: OpenContext): Promise<VhdDynamicHeader> {
  const { name, issues } = context;
  const { headerOffset, size } = footer;
  if (headerOffset % 512 !== 0 || headerOffset + VHD_HEADER_BYTES > source.size) {
    throw imageError(
      headerOffset % 512 === 0 && headerOffset < source.size ? 'IMAGE_TRUNCATED' : 'IMAGE_DAMAGED',
      `${name}: the footer puts the dynamic disk header at byte ${headerOffset}, which does not fit into a file of ${source.size} bytes`,
      { layer: name, offset: footer.offset + VHD_FOOTER.fields.headerOffset.offset },
      { headerOffset, fileSize: source.size },
    );
  }
  const header = parseDynamicHeader(await context.read(headerOffset, VHD_HEADER_BYTES), name, headerOffset);
  const at = { layer: name, offset: headerOffset };
  if (!header.checksumValid)
    issues.add({ code: 'image.header-damaged', severity: 'warning', at, data: { field: 'checksum' } });
  const entries = Math.ceil(size / header.blockSize);
  if (header.tableEntries < entries) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${name}: the block allocation table has ${header.tableEntries} entries, but a disk of ${size} bytes needs ${entries}`,
      { layer: name, offset: headerOffset + VHD_DYNAMIC_HEADER.fields.tableEntries.offset },
      { tableEntries: header.tableEntries, needed: entries },
    );
  }
  if (header.tableOffset + entries * 4 > source.size) {
    throw imageError(
      'IMAGE_TRUNCATED',
      `${name} is truncated: its block allocation table at byte ${header.tableOffset} needs ${entries * 4} bytes, but the file ends at ${source.size}`,
      { layer: name, offset: headerOffset + VHD_DYNAMIC_HEADER.fields.tableOffset.offset },
      { tableOffset: header.tableOffset, fileSize: source.size },
    );
  }
  return header;
}

async function openParent(header: VhdDynamicHeader, footer: VhdFooter, context: OpenContext): Promise<OpenedParent> {
  const names: string[] = [];
  const locators = header.locators.filter(({ length }) => length > 0 && length <= MAX_PARENT_PATH_BYTES);
  const together = await readLocators(locators, context);
  for (const locator of locators) {
    const data = together(locator);
    const path = data === undefined ? undefined : parentLocatorPath(locator.platform, data);
    if (path === undefined) {
      const at = { layer: context.name, offset: locator.offset };
      context.issues.add({
        code: 'image.parent-path-ignored',
        severity: 'note',
        at,
        data: { platform: locator.platform },
      });
    } else if (locator.platform === 'W2ru') names.unshift(path);
    else names.push(path);
  }
  if (header.parentName !== '') names.push(header.parentName);
  return context.openParent(
    { names: names.filter((name) => name !== ''), id: header.parentId },
    { id: footer.uniqueId },
  );
}

/**
 * The data of all parent locators, which lie side by side, in one read.
 * @returns what answers for each; a locator outside the file tells nothing, and the parent name in the header often
 * does
 */
async function readLocators(
  locators: readonly VhdParentLocator[],
  context: OpenContext,
): Promise<(locator: VhdParentLocator) => Bytes | undefined> {
  const start = Math.min(...locators.map(({ offset }) => offset));
  const end = Math.max(...locators.map(({ offset, length }) => offset + length));
  const isNear = locators.length > 0 && end - start <= MAX_PARENT_PATH_BYTES * locators.length;
  const bytes = isNear ? await readOrNothing(start, end - start, context) : undefined;
  // One that lies outside the file must not cost the others.
  if (bytes === undefined) {
    const single = new Map<VhdParentLocator, Bytes | undefined>();
    for (const locator of locators) single.set(locator, await readOrNothing(locator.offset, locator.length, context));
    return (locator) => single.get(locator);
  }
  return ({ offset, length }) => bytes.subarray(offset - start, offset - start + length);
}

async function readOrNothing(offset: number, length: number, context: OpenContext): Promise<Bytes | undefined> {
  try {
    return await context.read(offset, length);
  } catch (error) {
    if (isDeadboxError(error, 'IMAGE_TRUNCATED')) return undefined;
    throw error;
  }
}
