import { z } from 'zod';
import { ruleSchema, selectionSchemas } from './rule-schema.js';

/**
 * The rule file's shape as a JSON Schema (draft 2020-12), for editors. {@link parseRule} checks more: that names lead
 * somewhere, and that a regular expression is one.
 */
export function ruleJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ruleSchema, { io: 'input' });
  const selections = Object.values(selectionSchemas).map((selection) => {
    const { $schema: _, ...inner } = z.toJSONSchema(selection, { io: 'input' });
    return inner;
  });
  const detection = {
    description: 'What to look for: named selections, and a condition.',
    type: 'object',
    required: ['condition'],
    properties: {
      condition: {
        description: 'The problem in one line: names of selections with and, or, not, "is absent".',
        type: 'string',
      },
    },
    additionalProperties: { anyOf: selections },
  };
  return {
    $schema,
    $id: 'https://raw.githubusercontent.com/deadbox/deadbox/main/packages/triage/rules/rule.schema.json',
    title: 'deadbox rule file',
    description: 'What to look for in a Windows installation, and what it means; docs/rules.md explains every key.',
    ...schema,
    properties: { ...schema.properties, detection },
  };
}
