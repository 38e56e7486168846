package io.dvflow.activities.plan;

import io.dvflow.activities.ActivityBoundary;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimPathChoice;
import io.dvflow.activities.claim.ClaimRenderer;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.claim.ClusterSettings;
import io.dvflow.activities.claim.ExistingClaim;
import io.dvflow.activities.claim.RenderedClaim;
import io.dvflow.activities.claim.RequestMistakes;
import io.dvflow.activities.claim.StorageClassChoice;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.CheckpointStages;
import io.dvflow.activities.transfer.source.SourceSetup;
import io.dvflow.activities.transfer.source.VddkSetup;
import io.dvflow.api.Annotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.SourceKind;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.PlanActivities;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Optional;

/** See {@link PlanActivities}. */
public final class PlanActivitiesImpl implements PlanActivities {

    private final StatusWriter status;
    private final ClaimStore claims;
    private final ClusterSettings settings;

    public PlanActivitiesImpl(StatusWriter status, ClaimStore claims, ClusterSettings settings) {
        this.status = status;
        this.claims = claims;
        this.settings = settings;
    }

    @Override
    public ImportPlan plan(OperationRef object) {
        return ActivityBoundary.run(
                "Planning the claim",
                object,
                trouble -> {
                    // What is missing may have been made since it was read.
                    settings.forget();
                    status.showTrouble(object, trouble);
                },
                () -> planOf(status.read(object)));
    }

    private ImportPlan planOf(DataVolume object) {
        RequestMistakes.refuse(object);
        SourceKind source = SupportedSources.require(object.getSpec());
        // Says what is wrong with it before anything is made.
        SourceSetup.of(object);
        ObjectRequests.requireVerifiable(object);
        requireVddkLibrary(object);
        Optional<CDIConfig> config = settings.config();
        Optional<PersistentVolumeClaim> existing = claims.find(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
        Optional<ExistingClaim.Meaning> meaning =
                existing.map(claim -> ExistingClaim.judge(object, claim, featureGates(config)));
        DataVolumeSpec spec = existing.map(claim -> ExistingClaim.asMade(object.getSpec(), claim))
                .orElse(object.getSpec());
        Optional<StorageClass> storageClass = StorageClassChoice.choose(spec, settings);
        Optional<String> className = storageClass.map(each -> each.getMetadata().getName());
        RenderedClaim claim =
                ClaimRenderer.render(spec, className, className.flatMap(settings::storageProfile), config);
        ClaimPath path = meaning.filter(ExistingClaim.Meaning.POPULATED::equals).isPresent()
                ? ClaimPath.ALREADY_POPULATED
                : ClaimPathChoice.path(object, existing, storageClass, settings);
        return new ImportPlan(
                object.getMetadata().getName(),
                path,
                ClaimPathChoice.waitsForConsumer(object, storageClass),
                claim.volumeMode(),
                claim.accessMode(),
                className,
                source.key(),
                claim.diskBytes(),
                claim.claimBytes(),
                claim.space().share(),
                preallocation(object.getSpec(), config),
                ObjectRequests.maxAttempts(object.getMetadata()),
                ObjectRequests.deadline(object.getMetadata()),
                ObjectRequests.intent(object.getMetadata()),
                CheckpointStages.of(object, existing),
                Optional.empty());
    }

    private void requireVddkLibrary(DataVolume object) {
        Optional.ofNullable(object.getSpec().source().vddk())
                .filter(disk -> VddkSetup.imageOf(object, disk).isEmpty()
                        && settings.vddkLibraryImage().isEmpty())
                .ifPresent(disk -> {
                    throw Trouble.needsChange(
                            Reasons.AWAITING_VDDK,
                            "waiting for " + VddkSetup.CONFIG_MAP + " configmap (key " + VddkSetup.CONFIG_MAP_KEY
                                    + ") or "
                                    + Annotations.STORAGE_POD_VDDK_INIT_IMAGE_URL
                                    + " annotation: they name the image with the VDDK library");
                });
    }

    private static List<String> featureGates(Optional<CDIConfig> config) {
        return config.map(CDIConfig::getSpec).map(CDIConfigSpec::featureGates).orElse(List.of());
    }

    private static boolean preallocation(DataVolumeSpec spec, Optional<CDIConfig> config) {
        return Optional.ofNullable(spec.preallocation())
                .or(() -> config.map(CDIConfig::getStatus).map(CDIConfigStatus::preallocation))
                .orElse(false);
    }
}
