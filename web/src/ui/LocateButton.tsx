// "Where am I": one press goes there and shows how sure the device is; if it cannot, it says why.
import { t } from '../i18n';
import { fly, tell } from '../state/actions';
import { HERE_TEXT, hereState, locate } from '../state/here';
import { Icon } from './icons';

async function goHere(): Promise<void> {
  const place = await locate();
  const why = HERE_TEXT[hereState.value];
  if (place) {
    fly({ lon: place.lon, lat: place.lat });
    tell('ok', t('here.found', { n: place.accuracy_m }));
  } else if (why) tell('error', t(why));
}

export function LocateButton() {
  const text = t('here.button');
  return <button type="button" class="map-button" data-do="locate" aria-label={text} title={text} aria-busy={hereState.value === 'asking'} onClick={() => { void goHere(); }}><Icon name="locate" /></button>;
}
