import type { ByteSource, IssueLog, ReadOptions, Siblings } from '@deadbox/core';
import type {
  FileWindow,
  ImageFormat,
  ImageIdentity,
  NamedSource,
  ParentReference,
  VirtualDisk,
} from '../image-format.js';

/** What all links of one chain share. */
export interface ChainSession {
  readonly formats: readonly ImageFormat[];
  /** Parents that the user gave. */
  readonly given: readonly NamedSource[];
  readonly issues: IssueLog;
  /** For every read of the opening: its signal. */
  readonly reading: ReadOptions;
  /** Whether a parent that does not fit is taken. */
  readonly forced: boolean;
  readonly incomplete: boolean;
  /** Number of the disk that was asked for in an archive. */
  readonly disk?: number;
  /** Images opened so far. */
  opened: number;
}

/** One link: how this image was reached. */
export interface ChainLink {
  /** Files on the way from the topmost image to this one, by the place that was asked for them. */
  readonly visited: readonly { readonly siblings: Siblings | undefined; readonly name: string }[];
  /** Indexes of the given parents on that way. */
  readonly used: readonly number[];
  /** The one format that the child lets its parent have. */
  readonly only?: string | undefined;
  /** The part of the file that is the image. */
  readonly window?: FileWindow;
  /** Ends the opening at the image's parent with a {@link ParentReached}: only what the image says of it is wanted. */
  readonly stopsAtParent?: boolean;
  /** Issues of this link alone; default: the session's. */
  readonly issues?: IssueLog;
  /** What the child demands of this image; checked before the image's own parents are opened. */
  readonly accepts?: (identity: ImageIdentity | undefined) => void;
}

/** Ends an opening that only asked for the parent; never leaves this room. */
export class ParentReached extends Error {
  readonly reference: ParentReference;
  /** Identity of the image that records it. */
  readonly self: ImageIdentity | undefined;
  constructor(reference: ParentReference, self: ImageIdentity | undefined) {
    super('the parent was reached');
    this.reference = reference;
    this.self = self;
  }
}

/** Opens a source as one link of a chain; handed down so that no module imports the one that opens it. */
export type OpenLink = (
  source: ByteSource,
  path: string,
  siblings: Siblings | undefined,
  link: ChainLink,
  session: ChainSession,
) => Promise<VirtualDisk>;
