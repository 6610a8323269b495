// Why nothing can be imported: personal data, with what to do about each column; or a file that cannot be read.
import type { Column, PersonFinding } from '../../api/imports';
import type { ApiError } from '../../api/problem';
import { errorText, t, title } from '../../i18n';
import * as importing from '../../state/importing';

function person(found: PersonFinding): string {
  if (found.count === 0) return t('import.person_column', { column: found.column, kind: title(found.kind) });
  const rows = found.rows.join(', ') + (found.count > found.rows.length ? ', …' : '');
  return t('import.person_rows', { column: found.column, kind: title(found.kind), n: found.count, rows });
}

function PersonRefusal({ problem }: { problem: ApiError }) {
  const found = (problem.more['person_data'] ?? []) as PersonFinding[];
  const columns = (problem.more['columns'] ?? []) as Column[];
  const fieldOf = (name: string): string | null => columns.find((column) => column.name === name)?.field ?? null;
  const names = [...new Set(found.map((one) => one.column))];
  const drop = (column: string): void => {
    const field = fieldOf(column);
    const reading = importing.reading.value;
    if (field && reading) importing.choose({ map: { ...reading.map, [field]: '' } });
  };
  return (
    <div class="import-refusal" role="alert" data-refused="person-data">
      <p><strong>{t('import.person_title')}</strong></p>
      <ul>{found.map((one) => <li key={`${one.column} ${one.kind.en}`}>{person(one)}</li>)}</ul>
      <p>{t('import.person_what')}</p>
      <div class="import-refusal-actions">
        {names.filter((name) => fieldOf(name)).map((name) => <button key={name} type="button" class="secondary" onClick={() => drop(name)}>{t('import.person_drop', { column: name })}</button>)}
      </div>
    </div>
  );
}

export function Refusal({ problem }: { problem: ApiError }) {
  if (problem.code === 'person-data') return <PersonRefusal problem={problem} />;
  return (
    <div class="import-refusal" role="alert" data-refused={problem.code}>
      <p><strong>{t('import.failed')}</strong></p>
      <p>{problem.detail || errorText(problem)}</p>
    </div>
  );
}
