// A box of a form; where it refers to something that can be made in passing (a document that is cited),
// with the way to make it.
import { useState } from 'preact/hooks';
import { t, title } from '../../i18n';
import * as store from '../../state/store';
import { FieldInput, type FieldInputProps } from '../FieldInput';
import { MiniForm, canMake } from './MiniForm';

export function RefField(props: FieldInputProps) {
  const { field, onText } = props;
  const [isMaking, setMaking] = useState(false);
  const target = field.type === 'ref' ? store.layerById(field.layer) : undefined;
  if (!canMake(target)) return <FieldInput {...props} />;
  return (
    <FieldInput {...props}>
      {isMaking
        ? <MiniForm layer={target} onCancel={() => setMaking(false)} onMade={(id) => { onText(id); setMaking(false); }} />
        : <button type="button" class="quiet is-start" data-do={`make-${field.name}`} onClick={() => setMaking(true)}>{t('mini.open', { layer: title(target.title) })}</button>}
    </FieldInput>
  );
}
