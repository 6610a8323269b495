// "Đề án": programmes, their fields and tasks, each with its target and what the data says today. Every
// number opens on the features it counts.
import { useEffect, useState } from 'preact/hooks';
import { getItems } from '../api/client';
import { countOf } from '../state/answers';
import type { Feature } from '../api/types';
import { number, t, title } from '../i18n';
import { showDay } from '../model/days';
import { codeOf, fieldOf, labelOf } from '../model/layers';
import { isLate, readMeasure, standingOf, type Measure, type Standing } from '../model/measure';
import { layerParams } from '../model/query';
import { select } from '../state/actions';
import { useLoaded } from '../state/loader';
import { openMeasure, schemeLayer, type SchemeLayer } from '../state/scheme';
import * as store from '../state/store';
import { Icon, type IconName } from './icons';

const MOST = 1000;

/** A task with what was measured; `actual` null: not measurable, or not for this reader. */
interface Told { task: Feature; measure: Measure | null; actual: number | null; standing: Standing; isLate: boolean }
interface Board { programmes: Feature[]; tasks: Told[] }

async function readBoard({ tasks, programmes }: SchemeLayer, asOf: string, signal: AbortSignal): Promise<Board> {
  const day = new URLSearchParams({ datetime: asOf, limit: String(MOST) });
  const [wide, long] = await Promise.all([getItems(programmes.id, day, signal), getItems(tasks.id, day, signal)]);
  const ends = tasks.workflows?.[0]?.ends ?? [];
  const told = await Promise.all(long.features.map(async (task): Promise<Told> => {
    const text = task.properties['measure'];
    const measure = typeof text === 'string' ? readMeasure(text, store.layers.value, asOf) : null;
    const counted = measure ? await countOf(measure.layer.id, layerParams(measure.layer, measure.view), signal).catch(() => null) : null;
    const actual = counted?.count ?? null;
    return { task, measure, actual, standing: standingOf(task, actual), isLate: isLate(task, ends, asOf) };
  }));
  return { programmes: wide.features, tasks: told };
}

const SIGNS: Record<Standing, IconName> = { met: 'check', short: 'clock', unknown: 'help' };

function Verdict({ told }: { told: Told }) {
  return (
    <span class="task-verdicts">
      <span class={`verdict is-${told.standing}`}><Icon name={SIGNS[told.standing]} size={14} />{t(`scheme.${told.standing}`)}</span>
      {told.isLate && <span class="verdict is-late"><Icon name="worse" size={14} />{t('scheme.late')}</span>}
    </span>
  );
}

function Numbers({ told }: { told: Told }) {
  const { task, measure, actual } = told;
  const target = task.properties['target'];
  const unit = String(task.properties['unit_of_measure'] ?? '');
  const isMost = task.properties['goal'] === 'at_most';
  const aim = typeof target === 'number' ? t(isMost ? 'scheme.at_most' : 'scheme.at_least', { n: target, unit }) : t('scheme.no_target');
  const share = typeof target === 'number' && target > 0 && actual !== null ? Math.min(1, actual / target) : null;
  return (
    <>
      <p class="task-numbers">
        {measure && actual !== null
          ? <button type="button" class="linklike" aria-label={t('scheme.open', { n: actual, layer: title(measure.layer.title) })} onClick={() => openMeasure(measure)}><b>{number(actual)}</b></button>
          : <span class="faint">{t('scheme.unmeasured')}</span>}
        <span class="faint">{aim}</span>
      </p>
      {share !== null && !isMost && <span class="task-bar" aria-hidden="true"><span style={{ width: `${share * 100}%` }} /></span>}
    </>
  );
}

function Task({ scheme, told }: { scheme: SchemeLayer; told: Told }) {
  const { task } = told;
  const state = codeOf(fieldOf(scheme.tasks, scheme.tasks.workflows?.[0]?.field), task.properties[scheme.tasks.workflows?.[0]?.field ?? '']);
  const due = task.properties['due_on'];
  const lead = task.properties['lead'];
  return (
    <li class="task" data-task={task.id}>
      <button type="button" class="task-name" onClick={() => select(scheme.tasks.id, task.id)}>{labelOf(scheme.tasks, task, store.lang.value)}</button>
      <Numbers told={told} />
      <Verdict told={told} />
      <p class="faint small">{[state?.[store.lang.value], typeof due === 'string' ? t('scheme.due', { day: showDay(due) }) : null, typeof lead === 'string' ? lead : null].filter(Boolean).join(' · ')}</p>
    </li>
  );
}

function summary(tasks: Told[]): string {
  const met = tasks.filter((told) => told.standing === 'met').length;
  const late = tasks.filter((told) => told.isLate).length;
  return late > 0 ? t('scheme.summary_late', { met, total: tasks.length, late }) : t('scheme.summary', { met, total: tasks.length });
}

function Group({ name, tasks, scheme, isFirst }: { name: string; tasks: Told[]; scheme: SchemeLayer; isFirst: boolean }) {
  return (
    <details class="scheme-group" open={isFirst}>
      <summary><span>{name}</span><span class="faint small">{summary(tasks)}</span></summary>
      <ul class="tasks">{tasks.map((told) => <Task key={told.task.id} scheme={scheme} told={told} />)}</ul>
    </details>
  );
}

function Programme({ scheme, tasks }: { scheme: SchemeLayer; tasks: Told[] }) {
  const field = fieldOf(scheme.tasks, scheme.group);
  const codes = field?.codes ?? [];
  const groups = codes.map((code) => ({ code, told: tasks.filter((one) => one.task.properties[field?.name ?? ''] === code.code) })).filter((group) => group.told.length > 0);
  const loose = tasks.filter((one) => !codes.some((code) => code.code === one.task.properties[field?.name ?? '']));
  return (
    <>
      {groups.map(({ code, told }, index) => <Group key={code.code} name={code[store.lang.value]} tasks={told} scheme={scheme} isFirst={index === 0} />)}
      {loose.length > 0 && <Group name={t('scheme.loose')} tasks={loose} scheme={scheme} isFirst={groups.length === 0} />}
    </>
  );
}

export function SchemePanel() {
  const scheme = schemeLayer.value;
  if (!scheme) return <div class="panel-body"><header class="panel-head"><h2>{t('rail.scheme')}</h2></header><p class="hint">{t('scheme.nothing')}</p></div>;
  return <BoardView scheme={scheme} />;
}

function BoardView({ scheme }: { scheme: SchemeLayer }) {
  const asOf = store.asOf.value;
  const loaded = useLoaded<Board>(`${asOf}|${Object.values(store.revisions.value).join('.')}`, (signal) => readBoard(scheme, asOf, signal), scheme.tasks.id);
  const [chosen, setChosen] = useState('');
  const board = loaded.data;
  const keyOf = (programme: Feature): string => (scheme.programmes.time === 'interval' ? String(programme.properties['entity'] ?? programme.id) : programme.id);
  const tasksOf = (programme: Feature): Told[] => (board?.tasks ?? []).filter((told) => told.task.properties[scheme.programme] === keyOf(programme));
  const all = (board?.programmes ?? []).filter((one) => tasksOf(one).length > 0);
  const programme = all.find((one) => one.id === chosen) ?? all.at(-1);
  const tasks = programme ? tasksOf(programme).toSorted((a, b) => Number(a.task.properties['number'] ?? 0) - Number(b.task.properties['number'] ?? 0)) : [];
  const said = programme ? summary(tasks) : '';
  useEffect(() => { if (said) store.spoken.value = said; }, [said]);
  return (
    <div class="panel-body scheme">
      <header class="panel-head">
        <h2>{programme ? said : t('rail.scheme')}</h2>
        <p class="hint">{t('scheme.intro', { day: showDay(asOf) })}</p>
      </header>
      {all.length > 1 && <div class="field"><label for="scheme-programme">{title(scheme.programmes.title)}</label><select id="scheme-programme" value={programme?.id ?? ''} onChange={(event) => setChosen(event.currentTarget.value)}>{all.map((one) => <option key={one.id} value={one.id}>{labelOf(scheme.programmes, one, store.lang.value)}</option>)}</select></div>}
      {programme && <button type="button" class="linklike" onClick={() => select(scheme.programmes.id, programme.id)}>{labelOf(scheme.programmes, programme, store.lang.value)}</button>}
      {board && !programme && <p class="hint">{t('scheme.empty', { day: showDay(asOf) })}</p>}
      {loaded.error && <p role="alert">{loaded.error.detail ?? t('error.unexpected')}</p>}
      {!board && loaded.isLoading && <div class="skeleton" aria-hidden="true"><i /><i /><i /><i /></div>}
      {programme && <Programme key={programme.id} scheme={scheme} tasks={tasks} />}
    </div>
  );
}
