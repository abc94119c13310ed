/** How a scheduler is asked for shards. */
export type EmitFormat = 'slurm' | 'k8s';

export interface EmitOptions {
  /** The spec, as it is named where the job runs. */
  readonly file: string;
  readonly lakeRoot: string;
  readonly experiment: string;
  readonly shards: number;
}

/** An array job that runs every shard of an experiment: a batch script of Slurm, or a Job of Kubernetes. */
export function emitArrayJob(format: EmitFormat, options: EmitOptions): string {
  return format === 'slurm' ? slurmScript(options) : kubernetesJob(options);
}

function slurmScript({ file, lakeRoot, experiment, shards }: EmitOptions): string {
  const command = ['npx', 'spymaster', 'run', file, '--lake-root', lakeRoot].map(shellWord).join(' ');
  return `#!/bin/bash
# ${shards} shards of ${oneLine(experiment)}. Every node sees the lake at the same path. Submit with: sbatch THIS_FILE
# When all are done, judge the experiment once: ${command}
#SBATCH --job-name=${jobName(experiment)}
#SBATCH --array=1-${shards}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
exec ${command} --shard "$SLURM_ARRAY_TASK_ID/${shards}" --keep-going
`;
}

function kubernetesJob({ file, lakeRoot, experiment, shards }: EmitOptions): string {
  const name = jobName(experiment);
  // An indexed job counts from 0, shards from 1.
  const script =
    `exec npx spymaster run ${shellWord(file)} --lake-root ${shellWord(lakeRoot)} ` +
    `--shard "$((JOB_COMPLETION_INDEX + 1))/${shards}" --keep-going`;
  return `# ${shards} shards of ${oneLine(experiment)}. Name your image and your claim, then: kubectl apply -f THIS_FILE
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  completionMode: Indexed
  completions: ${shards}
  parallelism: ${shards}
  backoffLimitPerIndex: 20
  ttlSecondsAfterFinished: 86400
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
        - name: shard
          image: spymaster:latest
          workingDir: /work
          command: ["/bin/sh", "-c", ${JSON.stringify(script)}]
          resources:
            requests: {cpu: "1", memory: 4Gi}
            limits: {memory: 4Gi}
          volumeMounts:
            - {name: work, mountPath: /work}
      volumes:
        - name: work
          persistentVolumeClaim: {claimName: spymaster-work}
`;
}

/** A name that Kubernetes and Slurm take: lower case letters, digits and dashes, at most 63. */
function jobName(experiment: string): string {
  const words = experiment.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `spymaster-${words}`.slice(0, 63).replace(/-+$/, '');
}

function shellWord(text: string): string {
  return /^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');
