import { defined } from '@deadbox/core';
/** A disk that an OVF descriptor lists. */
export interface OvfDisk {
  /** File name of the disk in the archive. */
  readonly href: string;
  /** Compression of the file (`ovf:compression`), e.g. `gzip`; absent or `identity` when none. */
  readonly compression?: string;
  /** Whether the file is stored in pieces (`ovf:chunkSize`). */
  readonly chunked: boolean;
}

/**
 * The disk files of an OVF descriptor (DMTF DSP0243, sections 7.1 `References` and 9.1 `DiskSection`) in the order of its disks.
 * Only these two flat lists are read, so that no XML parser (and none of the ways to attack one) is needed.
 */
export function parseOvfDisks(xml: string): OvfDisk[] {
  const files = new Map<string, OvfDisk>();
  for (const tag of tags(xml, 'File')) {
    const id = attribute(tag, 'id');
    const href = attribute(tag, 'href');
    if (id === undefined || href === undefined) continue;
    const compression = attribute(tag, 'compression');
    files.set(id, {
      href,
      chunked: attribute(tag, 'chunkSize') !== undefined,
      ...defined({ compression }),
    });
  }
  const disks: OvfDisk[] = [];
  for (const tag of tags(xml, 'Disk')) {
    const file = files.get(attribute(tag, 'fileRef') ?? '');
    if (file !== undefined && !disks.includes(file)) disks.push(file);
  }
  return disks;
}

/** The start tags of elements with this local name. */
function tags(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<(?:[A-Za-z_][\\w.-]*:)?${name}\\s([^<>]*)>`, 'g'))].map((match) => match[1]);
}

/** The value of an attribute with this local name. */
function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)(?:[A-Za-z_][\\w.-]*:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return match === null ? undefined : unescapeXml(match[1] ?? match[2] ?? '');
}

function unescapeXml(value: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return value.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => named[name]);
}
