import { elementsOf, parseXml } from '../text/xml.js';

/** A disk that an OVF descriptor lists. */
export interface OvfDisk {
  /** File name of the disk in the archive, as the descriptor writes it: a URI reference. */
  readonly href: string;
  /**
   * Why the file cannot be read where it lies: `compressed as gzip`, `stored in pieces`, `made on another disk`; absent
   * when it can.
   */
  readonly obstacle?: string;
}

/**
 * The disk files of an OVF descriptor (DMTF DSP0243, sections 7.1 `References` and 9.1 `DiskSection`) in the order of
 * its disks.
 * @returns none when the text is no well-formed document
 */
export function parseOvfDisks(xml: string): OvfDisk[] {
  const root = parseXml(xml);
  if (root === undefined) return [];
  const files = new Map(elementsOf(root, 'File').map(({ attributes }) => [attributes.get('id'), attributes]));
  const disks = new Map<string, OvfDisk>();
  for (const { attributes } of elementsOf(root, 'Disk')) {
    const file = files.get(attributes.get('fileRef'));
    const href = file?.get('href');
    if (file === undefined || href === undefined || disks.has(href)) continue;
    const compression = file.get('compression') ?? 'identity';
    const obstacle =
      compression !== 'identity' && compression !== ''
        ? `compressed as ${compression}`
        : file.has('chunkSize')
          ? 'stored in pieces'
          : attributes.has('parentRef')
            ? 'made on another disk of the archive'
            : undefined;
    disks.set(href, obstacle === undefined ? { href } : { href, obstacle });
  }
  return [...disks.values()];
}
