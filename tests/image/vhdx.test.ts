import { describeWithCorpus } from '../support/corpus.js';
import { testContainers } from '../support/containers.js';

describeWithCorpus('VHDX containers of the corpus', () => testContainers('vhdx'));
