interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** Ids and texts; with a third, options of the same group stand under its name. */
  readonly options: readonly (readonly [id: string, text: string, group?: string])[];
  readonly onChange: (value: string) => void;
}

/** One of some values, with the name of what is chosen. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {[...Map.groupBy(options, ([, , group]) => group)].map(([group, members]) =>
          group === undefined ? (
            members.map(toOption)
          ) : (
            <optgroup key={group} label={group}>
              {members.map(toOption)}
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}

const toOption = ([id, text]: ChoiceProps['options'][number]) => (
  <option key={id} value={id}>
    {text}
  </option>
);
