// Help, in one place: how to reach things, every shortcut (and the switch that turns them off), the
// tour again, what the signs of a class mean, and what this page is.
import { t, type Key } from '../i18n';
import { allCommands, type Command } from '../state/commands';
import { hasKeys, overlay } from '../state/reach';
import { Dialog } from './Dialog';

const GROUPS: Command['group'][] = ['go', 'map', 'time', 'look', 'view', 'layer'];

/** Keys that belong to a place on the page rather than to a command. */
const FIXED: [string, Key][] = [
  ['Ctrl K', 'help.ctrl_k'],
  ['Esc', 'help.escape'],
  ['← ↑ → ↓', 'help.arrows'],
  ['+ −', 'help.zoom'],
  ['Enter', 'help.enter'],
  ['Tab', 'help.tab'],
];

function Keys({ commands }: { commands: Command[] }) {
  return (
    <dl class="keys">
      {commands.map((command) => <div key={command.id}><dt><kbd>{command.key?.toUpperCase()}</kbd></dt><dd>{command.name}</dd></div>)}
    </dl>
  );
}

export function HelpDialog() {
  const withKeys = allCommands().filter((command) => command.key);
  return (
    <Dialog title={t('help.title')} name="help" onClose={() => { if (overlay.value === 'help') overlay.value = null; }}>
      <div class="help-start">
        <p>{t('help.intro')}</p>
        <button type="button" class="secondary" onClick={() => { overlay.value = 'tour'; }}>{t('help.tour')}</button>
      </div>
      <label class="check"><input type="checkbox" checked={hasKeys.value} onChange={(event) => { hasKeys.value = event.currentTarget.checked; }} />{t('help.keys_on')}</label>
      <div class={`help-keys${hasKeys.value ? '' : ' is-off'}`}>
        {GROUPS.map((group) => {
          const commands = withKeys.filter((command) => command.group === group);
          return commands.length > 0 && <section key={group}><h3>{t(`help.group_${group}`)}</h3><Keys commands={commands} /></section>;
        })}
        <section>
          <h3>{t('help.group_fixed')}</h3>
          <dl class="keys">{FIXED.map(([keys, text]) => <div key={keys}><dt><kbd>{keys}</kbd></dt><dd>{t(text)}</dd></div>)}</dl>
        </section>
      </div>
      <h3>{t('help.signs')}</h3>
      <p>{t('help.signs_text')}</p>
      <h3>{t('help.data')}</h3>
      <p>{t('help.data_text')}</p>
    </Dialog>
  );
}
