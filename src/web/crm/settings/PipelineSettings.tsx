import {
  ActionIcon,
  Button,
  Group,
  Modal,
  Select,
  Stack,
  Text,
  TextInput,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Settings, type Stage, useSaveSetting, useSettings } from '../../hooks/company/settings';
import { useRpc } from '../../hooks/records/changes';
import { NumberField } from '../../ui/NumberField';
import { notifyDone } from '../../ui/notify';
import { Lines, Panel } from '../../ui/Panel';
import classes from './Settings.module.css';

/** Pipeline stages. Deleting a stage asks for another stage for its opportunities. */
export function PipelineSettings() {
  const { t } = useTranslation();
  const { settings, isPending } = useSettings();
  return (
    <Panel title={t('settings.pipeline.title')}>
      {isPending ? (
        <Lines />
      ) : (
        <StagesForm key={JSON.stringify(settings.pipeline)} pipeline={settings.pipeline} />
      )}
    </Panel>
  );
}

function StagesForm({ pipeline }: { pipeline: Settings['pipeline'] }) {
  const { t } = useTranslation();
  const [stages, setStages] = useState(pipeline.stages);
  const [stale, setStale] = useState(pipeline.stale_after_days);
  const [removed, setRemoved] = useState<Stage | null>(null);
  const save = useSaveSetting('pipeline');
  const change = (index: number, changes: Partial<Stage>) =>
    setStages(stages.map((stage, position) => (position === index ? { ...stage, ...changes } : stage)));
  const swap = (index: number, other: number) => {
    const [one, two] = [stages[index], stages[other]];
    if (!one || !two) return;
    setStages(stages.with(index, two).with(other, one));
  };
  const add = () => {
    const key = `stage_${Date.now().toString(36)}`;
    setStages([...stages, { key, name: t('settings.pipeline.new'), probability: 50, kind: 'open' }]);
  };
  return (
    <Stack>
      {stages.map((stage, index) => (
        <fieldset key={stage.key} className={classes.stage}>
          <VisuallyHidden component="legend">{stage.name}</VisuallyHidden>
          <TextInput
            aria-label={t('field.name')}
            className={classes.stageName}
            value={stage.name}
            onChange={(e) => change(index, { name: e.target.value })}
          />
          <NumberField
            aria-label={t('field.probability')}
            value={stage.probability}
            min={0}
            max={100}
            suffix=" %"
            onChange={(value) => change(index, { probability: Number(value) })}
          />
          <Select
            aria-label={t('settings.pipeline.kind')}
            value={stage.kind}
            data={(['open', 'won', 'lost'] as const).map((value) => ({
              value,
              label: t(`settings.pipeline.kinds.${value}`),
            }))}
            onChange={(kind) => change(index, { kind: (kind ?? 'open') as Stage['kind'] })}
          />
          <Group gap={2} wrap="nowrap" justify="flex-end">
            <Step
              icon={ArrowUp}
              label={t('settings.pipeline.up')}
              off={index === 0}
              run={() => swap(index, index - 1)}
            />
            <Step
              icon={ArrowDown}
              label={t('settings.pipeline.down')}
              off={index === stages.length - 1}
              run={() => swap(index, index + 1)}
            />
            <Step icon={Trash2} label={t('delete')} off={stages.length <= 3} run={() => setRemoved(stage)} />
          </Group>
        </fieldset>
      ))}
      <NumberField
        label={t('settings.pipeline.stale')}
        value={stale}
        min={1}
        max={365}
        maw={220}
        onChange={(days) => setStale(Number(days))}
      />
      <Group justify="space-between">
        <Button variant="light" leftSection={<Plus size={15} />} onClick={add}>
          {t('add')}
        </Button>
        <Button
          loading={save.isPending}
          onClick={() =>
            save.mutate({ stages, stale_after_days: stale }, { onSuccess: () => notifyDone(t('saved')) })
          }
        >
          {t('save')}
        </Button>
      </Group>
      {removed && <RemoveStage stage={removed} others={pipeline.stages} onClose={() => setRemoved(null)} />}
    </Stack>
  );
}

function Step({
  icon: Icon,
  label,
  off,
  run,
}: {
  icon: typeof ArrowUp;
  label: string;
  off: boolean;
  run: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={off} onClick={run}>
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  );
}

function RemoveStage({
  stage,
  others,
  onClose,
}: {
  stage: Stage;
  others: readonly Stage[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const remove = useRpc('delete_pipeline_stage');
  const targets = others.filter(({ key }) => key !== stage.key);
  const [target, setTarget] = useState(targets[0]?.key ?? '');
  return (
    <Modal opened onClose={onClose} title={t('deleteTitle', { name: stage.name })}>
      <Stack>
        <Text size="sm">{t('settings.pipeline.where')}</Text>
        <Select
          aria-label={t('field.stage')}
          value={target}
          data={targets.map(({ key, name }) => ({ value: key, label: name }))}
          onChange={(key) => setTarget(key ?? target)}
        />
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate({ stage_key: stage.key, move_to: target }, { onSuccess: onClose })}
        >
          {t('delete')}
        </Button>
      </Stack>
    </Modal>
  );
}
