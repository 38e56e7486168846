package io.dvflow.workflows;

import io.temporal.common.SearchAttributeKey;
import java.util.List;

/**
 * Search attributes of every operation, all of type Keyword. Visibility on SQL allows ten of them, so new ones have to be
 * worth it; they are not encrypted, so none ever holds a URL.
 */
public final class SearchAttributes {

    public static final SearchAttributeKey<String> NAMESPACE = SearchAttributeKey.forKeyword("DvNamespace");
    public static final SearchAttributeKey<String> NAME = SearchAttributeKey.forKeyword("DvName");
    public static final SearchAttributeKey<String> OPERATION = SearchAttributeKey.forKeyword("DvOperation");
    public static final SearchAttributeKey<String> PHASE = SearchAttributeKey.forKeyword("DvPhase");
    public static final SearchAttributeKey<String> SOURCE = SearchAttributeKey.forKeyword("DvSource");
    public static final SearchAttributeKey<String> STORAGE_CLASS = SearchAttributeKey.forKeyword("DvStorageClass");

    public static final List<SearchAttributeKey<String>> ALL =
            List.of(NAMESPACE, NAME, OPERATION, PHASE, SOURCE, STORAGE_CLASS);

    private SearchAttributes() {}
}
