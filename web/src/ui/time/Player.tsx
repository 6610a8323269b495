// Steps through time: back, play, on, by a day, week, month, quarter or year; cumulative moves only the
// end. Playback goes in steps, without animation, and stops at the opening day.
import { t } from '../../i18n';
import { STEPS, type Step } from '../../model/period';
import * as store from '../../state/store';
import { go, isPlaying, pause, togglePlay } from '../../state/time';
import { Icon } from '../icons';

export function Player() {
  const step = (by: number): void => { pause(); go(by); };
  const name = t(`step.${store.step.value}`);
  const play = t(isPlaying.value ? 'axis.pause' : 'axis.play');
  return (
    <div class="time-player" role="group" aria-label={t('axis.player')}>
      <button type="button" class="icon-button" id="step-back" aria-label={t('axis.back', { step: name })} title={t('axis.back', { step: name })} onClick={() => step(-1)}><span class="turn"><Icon name="chevron" size={16} /></span></button>
      <button type="button" class="icon-button" id="play" aria-pressed={isPlaying.value} aria-label={play} title={t('axis.play_hint', { play })} onClick={togglePlay}><Icon name={isPlaying.value ? 'pause' : 'play'} size={16} /></button>
      <button type="button" class="icon-button" id="step-on" aria-label={t('axis.on', { step: name })} title={t('axis.on', { step: name })} onClick={() => step(1)}><Icon name="chevron" size={16} /></button>
      <select id="step" aria-label={t('axis.step')} value={store.step.value} onChange={(event) => { store.step.value = event.currentTarget.value as Step; }}>
        {STEPS.map((one) => <option key={one} value={one}>{t(`step.${one}`)}</option>)}
      </select>
      <button type="button" class="icon-button" id="cumulative" aria-pressed={store.isCumulative.value} aria-label={t('axis.cumulative')} title={t('axis.cumulative_hint')} onClick={() => { store.isCumulative.value = !store.isCumulative.value; }}><Icon name="rise" size={16} /></button>
    </div>
  );
}
