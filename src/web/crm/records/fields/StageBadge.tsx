import { Badge, type BadgeProps } from '@mantine/core';
import { useSettings } from '../../../hooks/company/settings';

/** A pipeline stage, by the tenant's own name for it. */
export function StageBadge({ stage, ...shown }: { stage: string } & BadgeProps) {
  const { settings } = useSettings();
  const known = settings.pipeline.stages.find(({ key }) => key === stage);
  const color = known?.kind === 'won' ? 'green' : known?.kind === 'lost' ? 'gray' : 'marquee';
  return (
    <Badge {...shown} color={color} tt="none" fw={550}>
      {known?.name ?? stage}
    </Badge>
  );
}
