import { defined, type Issue, type Json } from '@deadbox/core';
import { concat, data, type Part, type Phrase, phrase, type Span, text } from '../document/phrase.js';
import type { CauseWords } from '../words/cause-words.js';
import { en } from '../words/en/en.js';
import { Facts, plainText } from '../words/facts.js';
import type { IssueCode } from '../words/issue-words.js';
import type { Language } from '../words/language.js';
import { formatBoth, type ShownZone } from '../words/times.js';

/** What a page needs to know of its reader. */
export interface PageOptions {
  /** Default English. */
  readonly language?: Language;
  /** Words of the causes in that language (`@deadbox/report/causes/en`); without them a cause is shown by its id. */
  readonly causes?: CauseWords;
  /** Zone in which times are shown besides UTC; default none. */
  readonly zone?: ShownZone;
  /** Shows how each fact was found. */
  readonly explain?: boolean;
}

/** Words and times for one page, or for a part of it with a zone of its own. */
export class Reader {
  readonly language: Language;
  readonly causes: CauseWords | undefined;
  readonly zone: ShownZone | undefined;
  readonly explain: boolean;

  constructor(options: PageOptions) {
    this.language = options.language ?? en;
    this.causes = options.causes;
    this.zone = options.zone;
    this.explain = options.explain === true;
  }

  /** The same reader, shown times in another zone. */
  in(zone: ShownZone | undefined): Reader {
    const { language, explain, causes } = this;
    return new Reader({ language, explain, ...defined({ causes, zone }) });
  }

  /** A time in UTC, and in the reader's zone where there is one. */
  time(iso: string): string {
    return formatBoth(iso, this.zone);
  }

  /** The same, or the word for a time that is not set. */
  timeOrNot(iso: string | null): Span {
    return iso === null ? text(this.language.common.notSet) : text(this.time(iso));
  }

  /** Facts for a sentence. */
  facts(facts: Readonly<Record<string, Json | undefined>>): Facts {
    return new Facts(facts, this.language.common.unknown);
  }

  /** A word of `words` for an id that an older or newer version may have made; the id itself where there is no word. */
  word(words: Readonly<Record<string, string>>, id: string): Span {
    return Object.hasOwn(words, id) ? text(words[id]) : data(id);
  }

  /** What `sentences` say of an id with its facts; the id itself where a later version made it. */
  sentence(
    sentences: Readonly<Record<string, (facts: Facts) => Phrase>>,
    id: string,
    facts: Readonly<Record<string, Json | undefined>>,
  ): Phrase {
    return Object.hasOwn(sentences, id) ? sentences[id](this.facts(facts)) : [data(id)];
  }

  /**
   * An issue: its severity, what its code says, and in parentheses the code, where it is, and its facts. A code of a
   * later version has no sentence.
   */
  issue({ severity, code, at, data: facts }: Issue): Phrase {
    const { common, issues } = this.language;
    const sentence = Object.hasOwn(issues, code) ? text(issues[code as IssueCode]) : undefined;
    const where = at === undefined ? undefined : common.place(at.layer, at.offset);
    const more = plainText(facts);
    const particulars = common.list([
      data(code),
      ...(where === undefined ? [] : [where]),
      ...(more === '' ? [] : [data(more)]),
    ]);
    return concat(
      phrase`${this.word(common.issueSeverities, severity)}: `,
      sentence,
      sentence === undefined ? undefined : text(common.wordGap),
      sentence === undefined ? particulars : common.inParentheses(particulars),
    );
  }

  /** Sentences one after another. */
  sentences(...parts: readonly (Part | undefined)[]): Phrase {
    const there = parts.filter((part) => part !== undefined && !(Array.isArray(part) && part.length === 0));
    const gap = this.language.common.sentenceGap;
    return concat(...there.flatMap((part, index) => (index === 0 || gap === '' ? [part] : [text(gap), part])));
  }
}
