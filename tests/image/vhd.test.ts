import { describeWithCorpus } from '../support/corpus.js';
import { testContainers } from '../support/containers.js';

describeWithCorpus('VHD containers of the corpus', () => testContainers('vhd'));
