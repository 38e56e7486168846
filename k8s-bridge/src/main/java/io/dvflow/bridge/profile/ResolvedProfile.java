package io.dvflow.bridge.profile;

import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.util.Map;
import java.util.Optional;

/**
 * What a profile should be.
 *
 * @param status the whole of it
 * @param annotations to be set, or to be removed where empty; others stay as they are
 * @param complete whether a claim can be made from it, or none ever will
 */
record ResolvedProfile(StorageProfileStatus status, Map<String, Optional<String>> annotations, boolean complete) {}
