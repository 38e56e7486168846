
# Names of DataVolumes and namespaces, which only the cluster knows. kubectl is asked, since it answers sooner.
function _dvflow_names() {
  local word previous="" command="" given=""
  local -a cluster
  cluster=()
  for word in "${COMP_WORDS[@]:0:$COMP_CWORD}"; do
    case "$previous" in
      -n|--namespace|--context|--kubeconfig) cluster+=("$previous" "$word") ;;
      *)
        case "$word" in
          --namespace=*|--context=*|--kubeconfig=*) cluster+=("$word") ;;
          status|watch|pause|resume|retry|cancel|set-rate-limit|logs) command="${command:-$word}" ;;
          -*) ;;
          *) [ -n "$command" ] && case "$previous" in --*|-o) ;; *) given="$word" ;; esac ;;
        esac ;;
    esac
    previous="$word"
  done
  case "$previous" in
    -n|--namespace) kubectl get namespaces --no-headers -o custom-columns=:metadata.name 2>/dev/null; return ;;
    --*|-o) return ;;
  esac
  [ -n "$command" ] && [ -z "$given" ] && kubectl get datavolumes.cdi.kubevirt.io "${cluster[@]}" --no-headers \
    -o custom-columns=:metadata.name 2>/dev/null
}

function _complete_dvflow_with_names() {
  _complete_dvflow "$@"
  local current="${COMP_WORDS[COMP_CWORD]}"
  case "$current" in -*) return ;; esac
  local names
  names="$(_dvflow_names)"
  [ -n "$names" ] && COMPREPLY=( $(compgen -W "$names" -- "$current") )
  return 0
}

complete -F _complete_dvflow_with_names -o default dvflow
