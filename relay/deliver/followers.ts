// Entities that went to another repository, whose file was told of before the old one had let them go: it is told of once more.
import { type Inbox, noCommits } from '../store/ports/inbox.ts'
import type { RefreshJob } from '../store/ports/jobs.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'

/** On disk before the old file's job is done, so that no crash comes between; the ids make a repetition nothing. */
export async function tellFollowers(
  store: Pick<Inbox & KnownFiles, 'acceptLanded' | 'followers'>,
  job: RefreshJob,
): Promise<void> {
  if (!job.defaultBranch || (job.change !== 'removed' && !job.hasLost)) return
  for (const { repository, ref, ...file } of await store.followers(job)) {
    const id = `${job.pushId} ${job.path} to ${repository} ${ref} ${file.path}`
    await store.acceptLanded(id, {
      repository,
      ref,
      ...noCommits(id),
      defaultBranch: true,
      follows: true,
      files: [{ ...file, change: 'modified' }],
    })
  }
}
