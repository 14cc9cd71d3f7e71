#!/usr/bin/env node
'use strict';

const { join } = require('node:path');
const { runBundle } = require('./load-bundle.js');

runBundle(join(__dirname, '../dist/bundle'));
