export { expectDiagnostics, diagnosticLines, testSchema, testSchemaText } from './expect-diagnostics.js';
export { arbitrarySyntax, withoutOffsets } from './arbitrary-syntax.js';
