import type { ImageInfo } from '@deadbox/disk';
import type { ImageCheck, ImageVerification, UnreadableRange } from '@deadbox/image';
import { type Document, type Field, fields, group, heading, paragraph } from '../document/document.js';
import { code, concat, data, type Phrase, text } from '../document/phrase.js';
import { errorPhrase } from './error-phrases.js';
import { type PageOptions, Reader } from './page.js';

/** What `deadbox verify` shows. */
export interface VerifyReport extends ImageVerification {
  /** Name and version of this form. */
  readonly schema: 'deadbox.verify/1';
  readonly image: ImageInfo;
}

/** Ranges and issues shown; --json has all. */
const MAX_SHOWN = 20;

/** What the container stores to be checked, against what is there. */
export function verifyPage(report: VerifyReport, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const { language } = reader;
  const { verify: words, disk, common } = language;
  const { image, verdict, checks, unreadable } = report;
  const variant = image.variant === '' || image.variant === image.format ? undefined : image.variant;
  const more = unreadable.length - MAX_SHOWN;
  const list: Field[] = [
    {
      label: disk.labels.format,
      value: concat(
        code(image.format),
        variant === undefined ? undefined : concat(text(common.wordGap), common.inParentheses(variant)),
      ),
    },
    {
      label: disk.labels.virtualSize,
      value: disk.virtualSize(common.size(image.virtualSize), common.bytes(image.virtualSize)),
    },
    ...checks.map((check) => ({ label: labelOf(check, reader), value: checkPhrase(check, reader) })),
    ...unreadable.slice(0, MAX_SHOWN).map((range) => ({
      label: words.labels.unreadable,
      value: words.unreadable(common.size(range.length), range.offset, reasonPhrase(range, reader)),
    })),
    ...(more > 0 ? [{ label: words.labels.unreadable, value: common.more(more) }] : []),
    ...image.issues.slice(0, MAX_SHOWN).map((issue) => ({ label: disk.labels.issue, value: reader.issue(issue) })),
  ];
  const tone = { right: 'good', wrong: 'bad', 'nothing-stored': 'doubt' } as const;
  return [
    heading(1, [data(image.path, 'strong')]),
    group(fields(list), paragraph([text(words.verdicts[verdict], tone[verdict])])),
  ];
}

function reasonPhrase({ reason, cause }: UnreadableRange, reader: Reader): Phrase {
  if (cause.kind === 'not-tried') return reader.language.verify.notTried(cause.failedReads);
  return errorPhrase({ code: cause.code, message: reason }, reader);
}

function labelOf({ what }: ImageCheck, { language: { verify, disk } }: Reader): string {
  if (what === 'structures' || what === 'content') return verify.labels[what];
  return `${disk.labels.storedHash} ${{ md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' }[what]}`;
}

function checkPhrase({ what, outcome, data: facts }: ImageCheck, { language: { verify, common } }: Reader): Phrase {
  if (what === 'structures') return verify.structures(outcome);
  const number = (name: string): number => (typeof facts[name] === 'number' ? facts[name] : 0);
  const word = (name: string): string | undefined => (typeof facts[name] === 'string' ? facts[name] : undefined);
  if (what === 'content') {
    const lost = number('unreadableBytes');
    return verify.content({
      wrongBlocks: number('wrongChunks'),
      unreadable: lost === 0 ? undefined : common.size(lost),
    });
  }
  return verify.hash({ stored: word('stored') ?? '', computed: word('computed') ?? '', file: word('file'), outcome });
}
